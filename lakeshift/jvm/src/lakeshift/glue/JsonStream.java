package lakeshift.glue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.rdd.InputFileBlockHolder;

/**
 * Reads a partition's lines as Glue's JSON reader does: a stream of records, not of lines. A record may span lines, a
 * line may hold several, a top-level array is a series of records; a malformed record swallows the rest of the line on
 * which the reader noticed it.
 *
 * <p>The parser is given one line at a time, so that after an error the next line is where reading goes on.
 */
final class JsonStream {
  private static final JsonFactory FACTORY = new JsonFactory();

  private final Iterator<String> lines;
  private final List<String> recordLines = new ArrayList<>();
  private String pending;
  private String pendingFile;
  private String file;
  private boolean inRecord;
  private JsonParser parser;

  JsonStream(Iterator<String> lines) {
    this.lines = lines;
  }

  JsonParser parser() {
    return parser;
  }

  /** The file of the current record, as Spark writes its path. */
  String file() {
    return file == null ? "" : file;
  }

  /** The text of the current record, or of the lines on which it failed. */
  String input() {
    return String.join("\n", recordLines);
  }

  /** Moves to the START_OBJECT of the next record; false at the end of the partition. */
  boolean next() throws IOException {
    inRecord = false;
    while (true) {
      if (parser == null) {
        if (!hasLine()) {
          return false;
        }
        file = pendingFile;
        parser = FACTORY.createParser(new OneFile());
      }
      JsonToken token = parser.nextToken();
      if (token == null) {
        parser = null;
      } else if (token == JsonToken.START_OBJECT) {
        inRecord = true;
        keepLastLine();
        return true;
      } else if (token != JsonToken.START_ARRAY && token != JsonToken.END_ARRAY) {
        throw new JsonParseException(parser, "A record must be an object, found " + token);
      }
    }
  }

  /** Gives up the current record and the rest of its line. */
  void recover() {
    parser = null;
    inRecord = false;
  }

  private boolean hasLine() {
    if (pending == null && lines.hasNext()) {
      pending = lines.next();
      pendingFile = InputFileBlockHolder.getInputFilePath().toString();
    }
    return pending != null;
  }

  private void keepLastLine() {
    while (recordLines.size() > 1) {
      recordLines.remove(0);
    }
  }

  /** The lines of one file; each read gives no more than what is left of one line. */
  private final class OneFile extends Reader {
    private String line;
    private int at;

    @Override
    public int read(char[] buffer, int offset, int length) {
      if (line == null && !load()) {
        return -1;
      }
      int left = line.length() - at;
      if (left == 0) {
        buffer[offset] = '\n';
        line = null;
        return 1;
      }
      int taken = Math.min(left, length);
      line.getChars(at, at + taken, buffer, offset);
      at += taken;
      if (taken < length && at == line.length()) {
        buffer[offset + taken] = '\n';
        line = null;
        return taken + 1;
      }
      return taken;
    }

    private boolean load() {
      if (!hasLine() || !pendingFile.equals(file)) {
        return false;
      }
      line = pending;
      at = 0;
      pending = null;
      if (!inRecord) {
        recordLines.clear();
      }
      recordLines.add(line);
      return true;
    }

    @Override
    public void close() {
      line = null;
    }
  }
}
