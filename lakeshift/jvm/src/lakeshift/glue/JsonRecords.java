package lakeshift.glue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/** JSON files to rows that know choices: one pass to infer, one to read, one (only on demand) for the malformed. */
public final class JsonRecords {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** How the files are read; the same for all passes. */
  public static final class Options implements Serializable {
    private static final long serialVersionUID = 1L;
    final ArrayList<String> path;
    final boolean lower;
    final String codec;

    /**
     * @param path steps of the JSON path to the records: ".name", "*", or an index
     * @param lower top-level names in lower case, as when the Data Catalog names the columns
     * @param codec compression of every file; empty: by each file's name
     */
    public Options(List<String> path, boolean lower, String codec) {
      this.path = new ArrayList<>(path);
      this.lower = lower;
      this.codec = codec;
    }

    JsonStream stream(Iterator<Slice> slices, Configuration conf, boolean keep) {
      return new JsonStream(slices, new Lines(conf, codec, keep), JsonPath.of(path));
    }
  }

  private JsonRecords() {}

  /** What a pass over the records found; sums over partitions. */
  static final class Found implements Serializable {
    private static final long serialVersionUID = 1L;
    final Shape root = new Shape();
    long records;
    long malformed;
  }

  /** JSON text {"schema": Spark's schema, "records": n, "malformed": n, "absent": [[path], ...]}. */
  public static String infer(SparkSession spark, List<Slice[]> groups, Options options) throws IOException {
    SerializableConfiguration conf = FileRows.conf(spark);
    List<Found> parts = FileRows.slices(spark, groups)
        .mapPartitions(it -> Collections.singletonList(inferPart(FileRows.flat(it), conf.value(), options)).iterator())
        .collect();
    Found all = new Found();
    for (Found part : parts) {
      all.root.merge(part.root);
      all.records += part.records;
      all.malformed += part.malformed;
    }
    List<List<String>> absent = new ArrayList<>();
    all.root.absent(Collections.emptyList(), absent);
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("schema", all.root.alternative(Shape.STRUCT).json());
    answer.put("records", all.records);
    answer.put("malformed", all.malformed);
    answer.put("absent", absent);
    return MAPPER.writeValueAsString(answer);
  }

  private static Found inferPart(Iterator<Slice> slices, Configuration conf, Options options) throws IOException {
    Found found = new Found();
    JsonStream stream = options.stream(slices, conf, false);
    List<Shape> touched = new ArrayList<>();
    while (true) {
      boolean good = false;
      try {
        if (!stream.next()) {
          return found;
        }
        JsonTokens.observe(stream.parser(), JsonToken.START_OBJECT, found.root, options.lower, touched);
        good = true;
        found.records++;
      } catch (JsonProcessingException error) {
        found.malformed++;
        stream.recover();
      }
      for (Shape one : touched) {
        one.settle(good);
      }
      touched.clear();
    }
  }

  /** The good records as rows of {@code schemaJson}, then the constant columns. */
  public static Dataset<Row> read(
      SparkSession spark, List<Slice[]> groups, long bytes, String schemaJson, List<String> constants, Options options) {
    StructType schema = (StructType) DataType.fromJson(schemaJson);
    return FileRows.of(spark, schema, new ArrayList<>(constants), groups, bytes, new Reader(options));
  }

  private static final class Reader implements FileRows.Reader {
    private static final long serialVersionUID = 1L;
    private final Options options;

    Reader(Options options) {
      this.options = options;
    }

    @Override
    public FileRows.Rows rows(Iterator<Slice> slices, Configuration conf, StructType wanted) {
      JsonStream stream = options.stream(slices, conf, false);
      Plan plan = new Plan(wanted, options.lower);
      return new FileRows.Rows() {
        @Override
        public Object[] next() throws IOException {
          while (true) {
            try {
              if (!stream.next()) {
                return null;
              }
              Object[] cells = new Object[plan.children.length];
              plan.fill(stream.parser(), cells);
              return cells;
            } catch (JsonProcessingException error) {
              stream.recover();
            }
          }
        }

        @Override
        public Slice slice() {
          return stream.slice();
        }
      };
    }
  }

  /** The malformed records: msg, input, bytesread, source, and what was read of the record before it broke (JSON). */
  public static Dataset<Row> malformed(SparkSession spark, List<Slice[]> groups, Options options) {
    return FileRows.malformed(spark, groups, (slices, conf) -> malformedPart(slices, conf, options));
  }

  private static Iterator<Row> malformedPart(Iterator<Slice> slices, Configuration conf, Options options)
      throws IOException {
    List<Row> rows = new ArrayList<>();
    JsonStream stream = options.stream(slices, conf, true);
    while (true) {
      Map<String, Object> record = new LinkedHashMap<>();
      try {
        if (!stream.next()) {
          return rows.iterator();
        }
        JsonTokens.fields(stream.parser(), record, options.lower);
      } catch (JsonProcessingException error) {
        stream.recover();
        String input = stream.input();
        rows.add(RowFactory.create(
            error.getOriginalMessage(), input, (long) input.getBytes(StandardCharsets.UTF_8).length,
            stream.slice().path, MAPPER.writeValueAsString(record)));
      }
    }
  }
}
