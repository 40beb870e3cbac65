package lakeshift.glue;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** JSON tokens as kinds of value, as an observation, and as plain Java values. */
final class JsonTokens {
  private JsonTokens() {}

  static void require(JsonParser parser, JsonToken token) throws IOException {
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
        return type == JsonParser.NumberType.INT ? Shape.INT
            : type == JsonParser.NumberType.LONG ? Shape.LONG : Shape.DOUBLE;
      }
      default: throw new JsonParseException(parser, "Unexpected " + token);
    }
  }

  /** Notes the value at {@code token} in {@code shape}; what it touches is settled when the record is whole. */
  static void observe(JsonParser parser, JsonToken token, Shape shape, boolean lower, List<Shape> touched)
      throws IOException {
    int kind = kind(parser, token);
    shape.note(kind, touched);
    switch (kind) {
      case Shape.STRING: parser.getTextLength(); break; // forces a lazy string, so that a cut one fails here
      case Shape.STRUCT: {
        String name;
        int place = 0;
        while ((name = parser.nextFieldName()) != null) {
          Shape field = shape.field(lower ? name.toLowerCase(Locale.ROOT) : name, place++);
          observe(parser, parser.nextToken(), field, false, touched);
        }
        require(parser, JsonToken.END_OBJECT);
        break;
      }
      case Shape.ARRAY: {
        JsonToken next;
        while ((next = parser.nextToken()) != JsonToken.END_ARRAY) {
          observe(parser, next, shape.element(), false, touched);
        }
        break;
      }
      default: break;
    }
  }

  /** Reads the fields of the object that the parser has just entered; what was read before an error stays. */
  static void fields(JsonParser parser, Map<String, Object> into, boolean lower) throws IOException {
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
