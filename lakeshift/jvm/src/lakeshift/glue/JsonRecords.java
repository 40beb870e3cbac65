package lakeshift.glue;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.GenericRow;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.collection.JavaConverters;

/** JSON records to rows that know choices: one pass to infer, one to read, one (only on demand) for the malformed. */
public final class JsonRecords {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private JsonRecords() {}

  /** What a pass over the records found; sums over partitions. */
  static final class Found implements Serializable {
    private static final long serialVersionUID = 1L;
    final Shape root = new Shape();
    long records;
    long malformed;
  }

  /**
   * JSON text {"schema": Spark's schema JSON, "records": n, "malformed": n, "absent": [[path], ...]}.
   *
   * @param lines one string column
   * @param lowerNames top-level names in lower case, as when the Data Catalog names the columns
   */
  public static String infer(Dataset<Row> lines, boolean lowerNames) throws IOException {
    List<Found> parts = lines.as(Encoders.STRING()).toJavaRDD()
        .mapPartitions(it -> Collections.singletonList(inferPartition(it, lowerNames)).iterator()).collect();
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

  private static Found inferPartition(Iterator<String> lines, boolean lowerNames) throws IOException {
    Found found = new Found();
    JsonStream stream = new JsonStream(lines);
    while (true) {
      try {
        if (!stream.next()) {
          return found;
        }
        // A malformed record must leave no trace in the schema: observe it aside, then merge.
        Shape one = new Shape();
        observe(stream.parser(), JsonToken.START_OBJECT, one, lowerNames);
        found.root.merge(one);
        found.records++;
      } catch (JsonProcessingException error) {
        found.malformed++;
        stream.recover();
      }
    }
  }

  private static void observe(JsonParser parser, JsonToken token, Shape shape, boolean lower) throws IOException {
    shape.count++;
    int kind = kind(parser, token);
    shape.kinds |= 1 << kind;
    switch (kind) {
      case Shape.NULL: shape.nulls++; break;
      case Shape.STRING: parser.getTextLength(); break; // forces a lazy string, so that a cut one fails here
      case Shape.STRUCT: {
        String name;
        shape.structs++;
        while ((name = parser.nextFieldName()) != null) {
          observe(parser, parser.nextToken(), shape.field(lower ? name.toLowerCase(Locale.ROOT) : name), false);
        }
        require(parser, JsonToken.END_OBJECT);
        break;
      }
      case Shape.ARRAY: {
        JsonToken next;
        while ((next = parser.nextToken()) != JsonToken.END_ARRAY) {
          observe(parser, next, shape.element(), false);
        }
        break;
      }
      default: break;
    }
  }

  private static void require(JsonParser parser, JsonToken token) throws IOException {
    if (parser.currentToken() != token) {
      throw new JsonParseException(parser, "Expected " + token + ", found " + parser.currentToken());
    }
  }

  static int kind(JsonParser parser, JsonToken token) throws IOException {
    if (token == null) {
      throw new JsonParseException(parser, "Unexpected end of input");
    }
    switch (token) {
      case VALUE_NULL: return Shape.NULL;
      case VALUE_TRUE:
      case VALUE_FALSE: return Shape.BOOLEAN;
      case VALUE_NUMBER_FLOAT: return Shape.DOUBLE;
      case VALUE_STRING: return Shape.STRING;
      case START_OBJECT: return Shape.STRUCT;
      case START_ARRAY: return Shape.ARRAY;
      case VALUE_NUMBER_INT: {
        JsonParser.NumberType type = parser.getNumberType();
        return type == JsonParser.NumberType.INT ? Shape.INT : type == JsonParser.NumberType.LONG ? Shape.LONG : Shape.DOUBLE;
      }
      default: throw new JsonParseException(parser, "Unexpected " + token);
    }
  }

  /** How to read one place of the record into one column. */
  static final class Plan implements Serializable {
    private static final long serialVersionUID = 1L;
    static final int CHOICE = -1;
    final int kind;
    final Plan[] children;
    final HashMap<String, Integer> index = new HashMap<>();
    final int[] alternatives = new int[8];
    /** By field: where the hidden field beside it is, or -1. */
    final int[] marks;

    Plan(DataType type) {
      Arrays.fill(alternatives, -1);
      if (type instanceof StructType) {
        StructField[] fields = ((StructType) type).fields();
        children = new Plan[fields.length];
        marks = new int[fields.length];
        boolean choice = fields.length > 0 && !fields[0].name().isEmpty() && fields[0].name().charAt(0) == Shape.MARK;
        kind = choice ? CHOICE : Shape.STRUCT;
        for (int i = 0; i < fields.length; i++) {
          children[i] = new Plan(fields[i].dataType());
          index.put(fields[i].name(), i);
          if (choice) {
            alternatives[Arrays.asList(Shape.NAMES).indexOf(fields[i].name().substring(1))] = i;
          }
        }
        for (int i = 0; i < fields.length; i++) {
          marks[i] = index.getOrDefault(Shape.HIDDEN + fields[i].name(), -1);
        }
      } else if (type instanceof ArrayType) {
        kind = Shape.ARRAY;
        marks = new int[0];
        children = new Plan[] {new Plan(((ArrayType) type).elementType())};
      } else {
        children = new Plan[0];
        marks = new int[0];
        kind = type.equals(DataTypes.BooleanType) ? Shape.BOOLEAN
            : type.equals(DataTypes.IntegerType) ? Shape.INT
            : type.equals(DataTypes.LongType) ? Shape.LONG
            : type.equals(DataTypes.DoubleType) ? Shape.DOUBLE
            : type.equals(DataTypes.StringType) ? Shape.STRING : Shape.NULL;
      }
    }
  }

  private static Object value(JsonParser parser, JsonToken token, Plan plan) throws IOException {
    int found = kind(parser, token);
    if (found == Shape.NULL) {
      return null;
    }
    if (plan.kind == Plan.CHOICE) {
      Object[] cells = new Object[plan.children.length];
      int at = plan.alternatives[found];
      if (at < 0) {
        parser.skipChildren();
        return null;
      }
      cells[at] = value(parser, token, plan.children[at]);
      return new GenericRow(cells);
    }
    if (plan.kind != found && !(plan.kind == Shape.LONG && found == Shape.INT)
        && !(plan.kind == Shape.DOUBLE && (found == Shape.INT || found == Shape.LONG))) {
      return plan.kind == Shape.STRING && found < Shape.STRUCT ? parser.getText() : skipped(parser);
    }
    switch (plan.kind) {
      case Shape.BOOLEAN: return token == JsonToken.VALUE_TRUE;
      case Shape.INT: return parser.getIntValue();
      case Shape.LONG: return parser.getLongValue();
      case Shape.DOUBLE: return parser.getDoubleValue();
      case Shape.STRING: return parser.getText();
      case Shape.STRUCT: {
        Object[] cells = new Object[plan.children.length];
        fill(parser, plan, cells, false);
        return new GenericRow(cells);
      }
      default: {
        ArrayList<Object> elements = new ArrayList<>();
        JsonToken next;
        while ((next = parser.nextToken()) != JsonToken.END_ARRAY) {
          elements.add(value(parser, next, plan.children[0]));
        }
        return JavaConverters.asScalaBuffer(elements);
      }
    }
  }

  private static Object skipped(JsonParser parser) throws IOException {
    parser.skipChildren();
    return null;
  }

  private static void fill(JsonParser parser, Plan plan, Object[] cells, boolean lower) throws IOException {
    String name;
    while ((name = parser.nextFieldName()) != null) {
      JsonToken token = parser.nextToken();
      Integer at = plan.index.get(lower ? name.toLowerCase(Locale.ROOT) : name);
      if (at == null) {
        if (token == JsonToken.VALUE_STRING) {
          parser.getTextLength();
        }
        parser.skipChildren();
      } else {
        cells[at] = value(parser, token, plan.children[at]);
        if (token == JsonToken.VALUE_NULL && plan.marks[at] >= 0) {
          cells[plan.marks[at]] = Boolean.TRUE;
        }
      }
    }
    require(parser, JsonToken.END_OBJECT);
  }

  /** The good records as rows of {@code schemaJson}; with {@code fileColumn} not empty, one more column: the file. */
  public static Dataset<Row> read(
      SparkSession spark, Dataset<Row> lines, String schemaJson, boolean lowerNames, String fileColumn) {
    StructType schema = (StructType) DataType.fromJson(schemaJson);
    boolean withFile = !fileColumn.isEmpty();
    StructType full = withFile ? schema.add(fileColumn, DataTypes.StringType) : schema;
    return spark.createDataFrame(
        lines.as(Encoders.STRING()).toJavaRDD()
            .mapPartitions(it -> new Good(new JsonStream(it), new Plan(schema), lowerNames, withFile)),
        full);
  }

  private static final class Good implements Iterator<Row> {
    private final JsonStream stream;
    private final Plan plan;
    private final boolean lower;
    private final boolean withFile;
    private Row next;
    private boolean done;

    Good(JsonStream stream, Plan plan, boolean lower, boolean withFile) {
      this.stream = stream;
      this.plan = plan;
      this.lower = lower;
      this.withFile = withFile;
    }

    @Override
    public boolean hasNext() {
      while (next == null && !done) {
        try {
          if (stream.next()) {
            int width = plan.children.length;
            Object[] cells = new Object[withFile ? width + 1 : width];
            fill(stream.parser(), plan, cells, lower);
            if (withFile) {
              cells[width] = stream.file();
            }
            next = new GenericRow(cells);
          } else {
            done = true;
          }
        } catch (JsonProcessingException error) {
          stream.recover();
        } catch (IOException error) {
          throw new java.io.UncheckedIOException(error);
        }
      }
      return next != null;
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Row row = next;
      next = null;
      return row;
    }
  }

  /** The malformed records: msg, input, bytesread, source, and what was read of the record before it broke (JSON). */
  public static Dataset<Row> malformed(SparkSession spark, Dataset<Row> lines, boolean lowerNames) {
    StructType schema = new StructType()
        .add("msg", DataTypes.StringType).add("input", DataTypes.StringType).add("bytesread", DataTypes.LongType)
        .add("source", DataTypes.StringType).add("record", DataTypes.StringType);
    return spark.createDataFrame(
        lines.as(Encoders.STRING()).toJavaRDD().mapPartitions(it -> malformedPartition(it, lowerNames)), schema);
  }

  private static Iterator<Row> malformedPartition(Iterator<String> lines, boolean lower) throws IOException {
    List<Row> rows = new ArrayList<>();
    JsonStream stream = new JsonStream(lines);
    while (true) {
      Map<String, Object> record = new LinkedHashMap<>();
      try {
        if (!stream.next()) {
          return rows.iterator();
        }
        fields(stream.parser(), record, lower);
      } catch (JsonProcessingException error) {
        String input = stream.input();
        rows.add(new GenericRow(new Object[] {
          error.getOriginalMessage(), input, (long) input.getBytes(java.nio.charset.StandardCharsets.UTF_8).length,
          stream.file(), MAPPER.writeValueAsString(record)
        }));
        stream.recover();
      }
    }
  }

  private static void fields(JsonParser parser, Map<String, Object> into, boolean lower) throws IOException {
    String name;
    while ((name = parser.nextFieldName()) != null) {
      into.put(lower ? name.toLowerCase(Locale.ROOT) : name, plain(parser, parser.nextToken()));
    }
    require(parser, JsonToken.END_OBJECT);
  }

  private static Object plain(JsonParser parser, JsonToken token) throws IOException {
    switch (kind(parser, token)) {
      case Shape.NULL: return null;
      case Shape.BOOLEAN: return token == JsonToken.VALUE_TRUE;
      case Shape.INT:
      case Shape.LONG: return parser.getLongValue();
      case Shape.DOUBLE: return parser.getDoubleValue();
      case Shape.STRING: return parser.getText();
      case Shape.STRUCT: {
        Map<String, Object> inner = new LinkedHashMap<>();
        fields(parser, inner, false);
        return inner;
      }
      default: {
        List<Object> elements = new ArrayList<>();
        JsonToken next;
        while ((next = parser.nextToken()) != JsonToken.END_ARRAY) {
          elements.add(plain(parser, next));
        }
        return elements;
      }
    }
  }
}
