package lakeshift.kinesis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.apache.spark.sql.connector.read.streaming.ReadLimit;
import org.apache.spark.sql.connector.read.streaming.SupportsAdmissionControl;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * A batch is, of every shard, the records after one sequence number up to another. Both are in the checkpoint before
 * the batch runs, so a batch that runs again has the same records.
 */
final class KinesisStream implements MicroBatchStream, SupportsAdmissionControl {
  private final KinesisApi api;
  private final String start;
  private final int mostOfShard;
  private final int page;

  KinesisStream(CaseInsensitiveStringMap options) {
    api = new KinesisApi(
        options.get("endpointUrl"), options.getOrDefault("region", "us-east-1"), options.get("streamName"),
        options.getInt("numRetries", 3));
    start = options.getOrDefault("startingPosition", "T:");
    mostOfShard = options.getInt("maxFetchRecordsPerShard", 100_000);
    page = Math.min(10_000, options.getInt("maxRecordPerRead", 10_000));
  }

  @Override
  public Offset initialOffset() {
    Map<String, String> positions = new TreeMap<>();
    try {
      api.shards().forEach(shard -> positions.put(shard, start));
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
    return new KinesisOffset(positions);
  }

  @Override
  public Offset latestOffset() {
    throw new UnsupportedOperationException("latestOffset needs to know where the last batch ended");
  }

  @Override
  public Offset latestOffset(Offset last, ReadLimit limit) {
    Map<String, String> before = ((KinesisOffset) last).positions;
    Map<String, String> positions = new TreeMap<>();
    try {
      for (String shard : api.shards()) {
        // A shard that came by resharding is read from its beginning.
        positions.put(shard, latest(shard, before.getOrDefault(shard, "T:")));
      }
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
    return new KinesisOffset(positions);
  }

  private String latest(String shard, String from) throws IOException {
    String iterator = api.iterator(shard, from);
    String position = from;
    int seen = 0;
    while (iterator != null && seen < mostOfShard) {
      KinesisApi.Page found = api.page(iterator, Math.min(page, mostOfShard - seen));
      if (!found.entries().isEmpty()) {
        position = "S:" + found.entries().get(found.entries().size() - 1).sequence();
        seen += found.entries().size();
      }
      if (found.newest()) {
        break;
      }
      iterator = found.next();
    }
    return position;
  }

  @Override
  public Offset deserializeOffset(String json) {
    return KinesisOffset.of(json);
  }

  @Override
  public InputPartition[] planInputPartitions(Offset from, Offset to) {
    Map<String, String> before = ((KinesisOffset) from).positions;
    List<InputPartition> parts = new ArrayList<>();
    ((KinesisOffset) to).positions.forEach((shard, end) -> {
      String begin = before.getOrDefault(shard, "T:");
      if (!begin.equals(end)) {
        parts.add(new Part(shard, begin, end.substring(2)));
      }
    });
    return parts.toArray(new InputPartition[0]);
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    return new Factory(api, page);
  }

  @Override
  public void commit(Offset end) {}

  @Override
  public void stop() {}

  /** The records of a shard after {@code begin}, up to and with the sequence number {@code last}. */
  private record Part(String shard, String begin, String last) implements InputPartition {}

  private record Factory(KinesisApi api, int page) implements PartitionReaderFactory {
    @Override
    public PartitionReader<InternalRow> createReader(InputPartition partition) {
      return new Reader(api, page, (Part) partition);
    }
  }

  private static final class Reader implements PartitionReader<InternalRow> {
    private final KinesisApi api;
    private final int page;
    private final Part part;
    private final UTF8String stream;
    private final BigInteger last;
    private Iterator<KinesisApi.Entry> entries = java.util.Collections.emptyIterator();
    private String iterator;
    private boolean begun;
    private boolean done;
    private InternalRow row;

    Reader(KinesisApi api, int page, Part part) {
      this.api = api;
      this.page = page;
      this.part = part;
      this.stream = UTF8String.fromString(api.stream());
      this.last = new BigInteger(part.last());
    }

    @Override
    public boolean next() throws IOException {
      while (!done) {
        if (entries.hasNext()) {
          return take(entries.next());
        }
        load();
      }
      return false;
    }

    private void load() throws IOException {
      if (!begun) {
        iterator = api.iterator(part.shard(), part.begin());
        begun = true;
      }
      KinesisApi.Page found = iterator == null ? null : api.page(iterator, page);
      if (found == null || found.entries().isEmpty() && found.newest()) {
        throw new IOException("Records of shard " + part.shard() + " up to " + part.last()
            + " are gone from stream " + stream + " (its retention period is over); they cannot be read again");
      }
      entries = found.entries().iterator();
      iterator = found.next();
    }

    private boolean take(KinesisApi.Entry entry) {
      int order = new BigInteger(entry.sequence()).compareTo(last);
      done = order >= 0;
      if (order > 0) {
        return false;
      }
      row = new GenericInternalRow(new Object[] {
        entry.data(), stream, UTF8String.fromString(entry.key()), UTF8String.fromString(entry.sequence()),
        entry.arrival()
      });
      return true;
    }

    @Override
    public InternalRow get() {
      return row;
    }

    @Override
    public void close() {}
  }
}
