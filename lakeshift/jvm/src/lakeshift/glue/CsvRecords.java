package lakeshift.glue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
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

/** CSV files to rows of text: one pass for the columns, one to read, one (only on demand) for the malformed. */
public final class CsvRecords {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private CsvRecords() {}

  /** How the files are read; quote and escape are one ASCII character, or empty. */
  public static Object dialect(
      String separator, String quote, String escape, boolean multiLine, boolean strict, boolean header, int skipped,
      String codec) {
    CsvStream.Dialect made = new CsvStream.Dialect();
    made.separator = separator.getBytes(StandardCharsets.UTF_8);
    made.quote = quote.isEmpty() ? -1 : quote.charAt(0);
    made.escape = escape.isEmpty() ? -1 : escape.charAt(0);
    made.multiLine = multiLine;
    made.strict = strict;
    made.header = header;
    made.skipped = skipped;
    made.codec = codec;
    return made;
  }

  private static CsvStream stream(Iterator<Slice> slices, Configuration conf, CsvStream.Dialect dialect) {
    Lines heads = dialect.header ? new Lines(conf, dialect.codec, false) : null;
    return new CsvStream(slices, new Lines(conf, dialect.codec, false), heads, dialect);
  }

  /** The name of column {@code at} of a file with these header names (null: without). */
  private static String name(String[] names, int at) {
    return names != null && at < names.length ? names[at] : "col" + at;
  }

  static final class Found implements Serializable {
    private static final long serialVersionUID = 1L;
    final ArrayList<String> columns = new ArrayList<>();
    long records;
    long malformed;

    void see(String name) {
      if (!columns.contains(name)) {
        columns.add(name);
      }
    }
  }

  /** JSON text {"columns": [...], "records": n, "malformed": n}: every column that some record has. */
  public static String infer(SparkSession spark, List<Slice[]> groups, Object dialect) throws IOException {
    CsvStream.Dialect how = (CsvStream.Dialect) dialect;
    SerializableConfiguration conf = FileRows.conf(spark);
    List<Found> parts = FileRows.slices(spark, groups)
        .mapPartitions(it -> Collections.singletonList(inferPart(FileRows.flat(it), conf.value(), how)).iterator())
        .collect();
    Found all = new Found();
    for (Found part : parts) {
      part.columns.forEach(all::see);
      all.records += part.records;
      all.malformed += part.malformed;
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("columns", all.columns);
    answer.put("records", all.records);
    answer.put("malformed", all.malformed);
    return MAPPER.writeValueAsString(answer);
  }

  private static Found inferPart(Iterator<Slice> slices, Configuration conf, CsvStream.Dialect dialect)
      throws IOException {
    Found found = new Found();
    CsvStream stream = stream(slices, conf, dialect);
    Slice before = null;
    int seen = 0;
    while (true) {
      try {
        if (!stream.next()) {
          return found;
        }
        if (stream.slice() != before) {
          before = stream.slice();
          seen = 0;
        }
        int width = Math.max(stream.count(), stream.names() == null ? 0 : stream.names().length);
        for (; seen < width; seen++) {
          found.see(name(stream.names(), seen));
        }
        found.records++;
      } catch (CsvStream.Malformed error) {
        found.malformed++;
      }
    }
  }

  /** The good records: the columns of {@code schemaJson} (all strings) by name, or by place where there is no header. */
  public static Dataset<Row> read(
      SparkSession spark, List<Slice[]> groups, long bytes, String schemaJson, List<String> constants, boolean byPlace,
      Object dialect) {
    StructType schema = (StructType) DataType.fromJson(schemaJson);
    Reader reader = new Reader((CsvStream.Dialect) dialect, byPlace ? schema.fieldNames() : null);
    return FileRows.of(spark, schema, new ArrayList<>(constants), groups, bytes, reader);
  }

  private static final class Reader implements FileRows.Reader {
    private static final long serialVersionUID = 1L;
    private final CsvStream.Dialect dialect;
    private final String[] places;

    Reader(CsvStream.Dialect dialect, String[] places) {
      this.dialect = dialect;
      this.places = places;
    }

    @Override
    public FileRows.Rows rows(Iterator<Slice> slices, Configuration conf, StructType wanted) {
      CsvStream stream = stream(slices, conf, dialect);
      HashMap<String, Integer> index = new HashMap<>();
      for (int i = 0; i < wanted.length(); i++) {
        index.put(wanted.fields()[i].name(), i);
      }
      return new FileRows.Rows() {
        private Slice before;
        private int[] target = new int[0];

        @Override
        public Object[] next() throws IOException {
          while (true) {
            try {
              if (!stream.next()) {
                return null;
              }
              return cells();
            } catch (CsvStream.Malformed error) {
              continue; // it is among the malformed
            }
          }
        }

        private Object[] cells() throws IOException {
          if (stream.slice() != before || target.length < stream.count()) {
            before = stream.slice();
            target = new int[stream.count()];
            for (int i = 0; i < target.length; i++) {
              String name = places == null ? name(stream.names(), i) : i < places.length ? places[i] : null;
              target[i] = index.getOrDefault(name, -1);
            }
          }
          Object[] cells = new Object[wanted.length()];
          for (int i = 0; i < stream.count(); i++) {
            if (target[i] >= 0) {
              cells[target[i]] = stream.text(i);
            }
          }
          return cells;
        }

        @Override
        public Slice slice() {
          return stream.slice();
        }
      };
    }
  }

  /** The malformed records: msg, input, bytesread, source, and an empty record. */
  public static Dataset<Row> malformed(SparkSession spark, List<Slice[]> groups, Object dialect) {
    CsvStream.Dialect how = (CsvStream.Dialect) dialect;
    return FileRows.malformed(spark, groups, (slices, conf) -> malformedPart(slices, conf, how));
  }

  private static Iterator<Row> malformedPart(Iterator<Slice> slices, Configuration conf, CsvStream.Dialect dialect)
      throws IOException {
    List<Row> rows = new ArrayList<>();
    CsvStream stream = stream(slices, conf, dialect);
    while (true) {
      try {
        if (!stream.next()) {
          return rows.iterator();
        }
      } catch (CsvStream.Malformed error) {
        String input = stream.input();
        long bytes = input.getBytes(StandardCharsets.UTF_8).length;
        rows.add(RowFactory.create(error.getMessage(), input, bytes, stream.slice().path, "{}"));
      }
    }
  }
}
