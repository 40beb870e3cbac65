package lakeshift.glue;

import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import org.apache.spark.unsafe.types.UTF8String;

/** Reads slices as records of cells, on the bytes: a cell becomes text once, where its column is wanted. */
final class CsvStream {
  /** How the text is written. */
  static final class Dialect implements Serializable {
    private static final long serialVersionUID = 1L;
    byte[] separator;
    int quote; // a byte, or -1: nothing quotes
    int escape; // a byte, or -1: nothing escapes
    boolean multiLine; // a quoted cell may hold line ends
    boolean strict; // a quote inside a cell that is not quoted is malformed
    boolean header; // the first line of each file names its columns
    int skipped; // lines left out at the head of each file (behind the header)
    String codec;
  }

  /** A record that is no CSV; the rest of its line is given up. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }

  private final Iterator<Slice> slices;
  private final Lines lines;
  private final Lines heads;
  private final Dialect dialect;
  private Slice slice;
  private String[] names;
  private byte[] line = new byte[4096];
  private int length;
  private byte[] cell = new byte[256];
  private int cellLength;
  private int[] from = new int[64];
  private int[] to = new int[64];
  private byte[][] rewritten = new byte[64][];
  private int count;

  CsvStream(Iterator<Slice> slices, Lines lines, Lines heads, Dialect dialect) {
    this.slices = slices;
    this.lines = lines;
    this.heads = heads;
    this.dialect = dialect;
  }

  Slice slice() {
    return slice;
  }

  /** The names in the header of the current file, or null. */
  String[] names() {
    return names;
  }

  /** The number of cells of the current record. */
  int count() {
    return count;
  }

  /** The text of the line(s) of the current record. */
  String input() {
    return new String(line, 0, length, StandardCharsets.UTF_8);
  }

  /** The text of a cell. */
  UTF8String text(int index) throws IOException {
    byte[] bytes = rewritten[index] != null ? rewritten[index] : Arrays.copyOfRange(line, from[index], to[index]);
    for (byte one : bytes) {
      if (one < 0) {
        return checked(bytes);
      }
    }
    return UTF8String.fromBytes(bytes);
  }

  private UTF8String checked(byte[] bytes) throws IOException {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
    } catch (CharacterCodingException error) {
      throw new IOException("Unable to parse file: " + slice.path.substring(slice.path.lastIndexOf('/') + 1)
          + " (" + slice.path + " is not encoded in UTF-8)");
    }
    return UTF8String.fromBytes(bytes);
  }

  /** Moves to the next record; false at the end of the slices. Empty lines are no records. */
  boolean next() throws IOException, Malformed {
    while (true) {
      if (lines.atEnd()) {
        lines.close();
        if (!slices.hasNext()) {
          return false;
        }
        open(slices.next());
      } else if (readLine(lines) && length > 0) {
        split(lines);
        return true;
      }
    }
  }

  private void open(Slice next) throws IOException, Malformed {
    slice = next;
    lines.open(next);
    names = null;
    if (dialect.header) {
      Lines head = lines;
      if (next.start > 0) {
        head = heads;
        head.open(new Slice(next.path, 0, Long.MAX_VALUE, next.constants));
      }
      while (!head.atEnd() && names == null) {
        if (readLine(head) && length > 0) {
          split(head);
          names = new String[count];
          for (int i = 0; i < count; i++) {
            names[i] = text(i).toString();
          }
        }
      }
      if (head == heads) {
        head.close();
      }
    }
    for (int i = 0; next.start == 0 && i < dialect.skipped && !lines.atEnd(); i++) {
      readLine(lines);
    }
  }

  private boolean readLine(Lines source) throws IOException {
    length = 0;
    return moreOfLine(source);
  }

  private boolean moreOfLine(Lines source) throws IOException {
    int before = length;
    while (true) {
      if (length == line.length) {
        line = Arrays.copyOf(line, length * 2);
      }
      int got = source.read(line, length, line.length - length);
      if (got < 0) {
        return length > before;
      }
      length += got;
      if (line[length - 1] == '\n') {
        length--;
        if (length > before && line[length - 1] == '\r') {
          length--;
        }
        return true;
      }
    }
  }

  private void split(Lines source) throws IOException, Malformed {
    count = 0;
    int at = 0;
    while (true) {
      if (count == from.length) {
        from = Arrays.copyOf(from, count * 2);
        to = Arrays.copyOf(to, count * 2);
        rewritten = Arrays.copyOf(rewritten, count * 2);
      }
      rewritten[count] = null;
      at = at < length && dialect.quote >= 0 && line[at] == (byte) dialect.quote ? quoted(source, at) : plain(at);
      count++;
      if (at >= length) {
        return;
      }
      at += dialect.separator.length;
      if (at == length) { // the line ends with a separator: one more, empty cell
        if (count == from.length) {
          from = Arrays.copyOf(from, count * 2);
          to = Arrays.copyOf(to, count * 2);
          rewritten = Arrays.copyOf(rewritten, count * 2);
        }
        from[count] = to[count] = at;
        rewritten[count++] = null;
        return;
      }
    }
  }

  private boolean separates(int at) {
    byte[] separator = dialect.separator;
    if (line[at] != separator[0] || at + separator.length > length) {
      return false;
    }
    for (int i = 1; i < separator.length; i++) {
      if (line[at + i] != separator[i]) {
        return false;
      }
    }
    return true;
  }

  /** A cell without quotes, from {@code at}; returns where its separator is, or the end. */
  private int plain(int at) throws Malformed {
    from[count] = at;
    boolean changed = false;
    int i = at;
    while (i < length && !separates(i)) {
      if (dialect.escape >= 0 && line[i] == (byte) dialect.escape && i + 1 < length) {
        if (!changed) {
          changed = true;
          cellLength = 0;
          append(at, i);
        }
        add(escaped(line[i + 1]));
        i += 2;
        continue;
      }
      if (dialect.strict && dialect.quote >= 0 && line[i] == (byte) dialect.quote) {
        throw new Malformed("A quote inside a value that is not quoted");
      }
      if (changed) {
        add(line[i]);
      }
      i++;
    }
    to[count] = i;
    rewritten[count] = changed ? Arrays.copyOf(cell, cellLength) : null;
    return i;
  }

  /** A cell in quotes, the first of which is at {@code at}. */
  private int quoted(Lines source, int at) throws IOException, Malformed {
    byte quote = (byte) dialect.quote;
    boolean changed = false;
    int i = at + 1;
    cellLength = 0;
    while (true) {
      if (i >= length) {
        if (!dialect.multiLine || source.atEnd()) {
          throw new Malformed("A quoted value has no end");
        }
        if (length == line.length) {
          line = Arrays.copyOf(line, length * 2);
        }
        line[length++] = '\n';
        moreOfLine(source);
        continue;
      }
      byte one = line[i];
      if (dialect.escape >= 0 && one == (byte) dialect.escape && one != quote && i + 1 < length) {
        if (!changed) {
          changed = true;
          append(at + 1, i);
        }
        add(escaped(line[i + 1]));
        i += 2;
      } else if (one != quote) {
        if (changed) {
          add(one);
        }
        i++;
      } else if (i + 1 < length && line[i + 1] == quote) {
        if (!changed) {
          changed = true;
          append(at + 1, i);
        }
        add(quote);
        i += 2;
      } else {
        break;
      }
    }
    int end = i++;
    if (i < length && !separates(i)) { // text behind the closing quote
      if (dialect.strict) {
        throw new Malformed("Text behind a quoted value");
      }
      if (!changed) {
        changed = true;
        append(at + 1, end);
      }
      while (i < length && !separates(i)) {
        add(line[i++]);
      }
    }
    from[count] = at + 1;
    to[count] = end;
    rewritten[count] = changed ? Arrays.copyOf(cell, cellLength) : null;
    return i;
  }

  private static byte escaped(byte one) {
    switch (one) {
      case 'n': return '\n';
      case 'r': return '\r';
      case 't': return '\t';
      case '0': return 0;
      default: return one;
    }
  }

  private void append(int start, int end) {
    for (int i = start; i < end; i++) {
      add(line[i]);
    }
  }

  private void add(byte one) {
    if (cellLength == cell.length) {
      cell = Arrays.copyOf(cell, cellLength * 2);
    }
    cell[cellLength++] = one;
  }
}
