package lakeshift.glue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** How to read one place of a JSON record into one column, as Spark holds it inside. */
final class Plan implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int CHOICE = -1;

  final int kind;
  final Plan[] children;
  private final String[] names;
  private final HashMap<String, Integer> index = new HashMap<>();
  private final int[] alternatives = new int[8];
  /** By field: where the hidden field beside it is, or -1. */
  private final int[] marks;
  /** Fields of which only the hidden field beside them is wanted. */
  private final HashMap<String, Integer> alone = new HashMap<>();
  private final boolean lower;

  /** @param lower names of the record's own fields are compared in lower case (the Data Catalog names the columns) */
  Plan(DataType type, boolean lower) {
    this.lower = lower;
    Arrays.fill(alternatives, -1);
    marks = new int[type instanceof StructType ? ((StructType) type).length() : 0];
    if (type instanceof StructType) {
      StructField[] fields = ((StructType) type).fields();
      children = new Plan[fields.length];
      names = new String[fields.length];
      boolean choice = fields.length > 0 && !fields[0].name().isEmpty() && fields[0].name().charAt(0) == Shape.MARK;
      kind = choice ? CHOICE : Shape.STRUCT;
      for (int i = 0; i < fields.length; i++) {
        children[i] = new Plan(fields[i].dataType(), false);
        names[i] = fields[i].name();
        index.put(names[i], i);
        if (choice) {
          alternatives[Arrays.asList(Shape.NAMES).indexOf(names[i].substring(1))] = i;
        }
      }
      for (int i = 0; i < fields.length; i++) {
        marks[i] = index.getOrDefault(Shape.HIDDEN + names[i], -1);
        if (!names[i].isEmpty() && names[i].charAt(0) == Shape.HIDDEN && !index.containsKey(names[i].substring(1))) {
          alone.put(names[i].substring(1), i);
        }
      }
    } else if (type instanceof ArrayType) {
      kind = Shape.ARRAY;
      names = new String[0];
      children = new Plan[] {new Plan(((ArrayType) type).elementType(), false)};
    } else {
      names = new String[0];
      children = new Plan[0];
      kind = type.equals(DataTypes.BooleanType) ? Shape.BOOLEAN
          : type.equals(DataTypes.IntegerType) ? Shape.INT
          : type.equals(DataTypes.LongType) ? Shape.LONG
          : type.equals(DataTypes.DoubleType) ? Shape.DOUBLE
          : type.equals(DataTypes.StringType) ? Shape.STRING : Shape.NULL;
    }
  }

  /** Reads the fields of the object that the parser has just entered into {@code cells}; the rest must be whole too. */
  void fill(JsonParser parser, Object[] cells) throws IOException {
    String name;
    int expected = 0;
    while ((name = parser.nextFieldName()) != null) {
      int at = place(name, expected);
      JsonToken token = parser.nextToken();
      if (at < 0) {
        Integer mark = alone.isEmpty() ? null : alone.get(lower ? name.toLowerCase(Locale.ROOT) : name);
        if (mark != null) {
          cells[mark] = token == JsonToken.VALUE_NULL ? Boolean.TRUE : null;
        }
        skip(parser, token);
      } else {
        cells[at] = children[at].value(parser, token);
        expected = at + 1;
        if (marks[at] >= 0) {
          cells[marks[at]] = token == JsonToken.VALUE_NULL ? Boolean.TRUE : null;
          expected++;
        }
      }
    }
    JsonTokens.require(parser, JsonToken.END_OBJECT);
  }

  private int place(String name, int expected) {
    if (expected < names.length && name.equals(names[expected])) {
      return expected;
    }
    Integer at = index.get(lower ? name.toLowerCase(Locale.ROOT) : name);
    return at == null ? -1 : at;
  }

  private static void skip(JsonParser parser, JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_STRING) {
      parser.getTextLength(); // forces a lazy string, so that a cut one fails here
    }
    parser.skipChildren();
  }

  private Object value(JsonParser parser, JsonToken token) throws IOException {
    int found = JsonTokens.kind(parser, token);
    if (found == Shape.NULL) {
      return null;
    }
    if (kind == CHOICE) {
      return choice(parser, token, found);
    }
    if (kind != found && !(kind == Shape.LONG && found == Shape.INT)
        && !(kind == Shape.DOUBLE && (found == Shape.INT || found == Shape.LONG))) {
      if (kind == Shape.STRING && found < Shape.STRUCT) {
        return text(parser);
      }
      skip(parser, token);
      return null;
    }
    switch (kind) {
      case Shape.BOOLEAN: return token == JsonToken.VALUE_TRUE;
      case Shape.INT: return parser.getIntValue();
      case Shape.LONG: return parser.getLongValue();
      case Shape.DOUBLE: return parser.getDoubleValue();
      case Shape.STRING: return text(parser);
      case Shape.STRUCT: {
        Object[] cells = new Object[children.length];
        fill(parser, cells);
        return new GenericInternalRow(cells);
      }
      default: {
        ArrayList<Object> elements = new ArrayList<>();
        JsonToken next;
        while ((next = parser.nextToken()) != JsonToken.END_ARRAY) {
          elements.add(children[0].value(parser, next));
        }
        return new GenericArrayData(elements.toArray());
      }
    }
  }

  private Object choice(JsonParser parser, JsonToken token, int found) throws IOException {
    Object[] cells = new Object[children.length];
    int at = alternatives[found];
    if (at < 0) {
      skip(parser, token);
      return null;
    }
    cells[at] = children[at].value(parser, token);
    return new GenericInternalRow(cells);
  }

  /** The text of the current token; most are ASCII, which needs no encoder. */
  private static UTF8String text(JsonParser parser) throws IOException {
    int length = parser.getTextLength();
    char[] characters = parser.getTextCharacters();
    int from = parser.getTextOffset();
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      char one = characters[from + i];
      if (one >= 0x80) {
        return UTF8String.fromString(new String(characters, from, length));
      }
      bytes[i] = (byte) one;
    }
    return UTF8String.fromBytes(bytes);
  }
}
