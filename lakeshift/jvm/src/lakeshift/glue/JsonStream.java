package lakeshift.glue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.filter.FilteringParserDelegate;
import com.fasterxml.jackson.core.filter.TokenFilter;
import java.io.IOException;
import java.util.Iterator;

/**
 * Reads slices as Glue's JSON reader does: a stream of records, not of lines. A record may span lines, a line may hold
 * several, a top-level array is a series of records; a malformed record swallows the rest of the line on which the
 * reader noticed it.
 */
final class JsonStream {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(com.fasterxml.jackson.core.StreamReadFeature.AUTO_CLOSE_SOURCE).build();

  private final Iterator<Slice> slices;
  private final Lines lines;
  private final JsonPath path;
  private Slice slice;
  private JsonParser parser;

  JsonStream(Iterator<Slice> slices, Lines lines, JsonPath path) {
    this.slices = slices;
    this.lines = lines;
    this.path = path;
  }

  JsonParser parser() {
    return parser;
  }

  /** Where the current record lies. */
  Slice slice() {
    return slice;
  }

  /** The text of the lines on which the current record failed. */
  String input() {
    return lines.text();
  }

  /** Moves to the START_OBJECT of the next record; false at the end of the slices. */
  boolean next() throws IOException {
    while (true) {
      if (parser == null && !open()) {
        return false;
      }
      JsonToken token = parser.nextToken();
      if (token == null) {
        leave();
      } else if (token == JsonToken.START_OBJECT) {
        lines.forget();
        return true;
      } else if (token != JsonToken.START_ARRAY && token != JsonToken.END_ARRAY) {
        lines.forget();
        throw new JsonParseException(parser, "A record must be an object, found " + token);
      }
    }
  }

  private boolean open() throws IOException {
    while (lines.atEnd()) {
      lines.close();
      if (!slices.hasNext()) {
        return false;
      }
      slice = slices.next();
      lines.open(slice);
    }
    lines.padForDetection();
    JsonParser plain = FACTORY.createParser(lines);
    parser = path == null ? plain
        : new FilteringParserDelegate(plain, path, TokenFilter.Inclusion.ONLY_INCLUDE_ALL, true);
    return true;
  }

  private void leave() throws IOException {
    parser.close();
    parser = null;
  }

  /** Gives up the current record and the rest of its line. */
  void recover() throws IOException {
    lines.skipLine();
    leave();
  }
}
