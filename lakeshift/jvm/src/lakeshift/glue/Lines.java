package lakeshift.glue;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/**
 * The bytes of slices, never more than the rest of one line a read, so that a parser that failed has taken nothing of
 * the next line. One object serves all slices of a task: opening a small file is most of what it costs.
 */
final class Lines extends InputStream {
  private static final int BOM = 3; // bytes of UTF-8's byte order mark

  private final Configuration conf;
  private final CompressionCodecFactory codecs;
  private final String codecName;
  private final boolean keep;
  private final byte[] buffer = new byte[64 * 1024];
  private final StringBuilder kept = new StringBuilder();
  private FileSystem files;
  private String filesOf;
  private InputStream in;
  private int at;
  private int limit;
  private long position;
  private long end;
  private boolean midLine;
  private boolean pad;

  /**
   * @param codecName the codec of every file (gzip, bzip2...); empty: by each file's name
   * @param keep whether the text of the last lines is remembered
   */
  Lines(Configuration conf, String codecName, boolean keep) {
    this.conf = conf;
    this.codecs = new CompressionCodecFactory(conf);
    this.codecName = codecName;
    this.keep = keep;
    TaskContext task = TaskContext.get();
    if (task != null) { // a task that ends before its slices do (LIMIT) must not leave a file open
      task.addTaskCompletionListener((TaskCompletionListener) done -> closeAtEnd());
    }
  }

  private void closeAtEnd() {
    try {
      close();
    } catch (IOException error) {
      in = null; // it was read only
    }
  }

  /** Begins a slice: where it does not begin its file, at the first line that begins in it. */
  void open(Slice slice) throws IOException {
    close();
    Path path = new Path(slice.path);
    String place = path.toUri().getScheme() + "://" + path.toUri().getAuthority();
    if (!place.equals(filesOf)) { // looking it up costs as much as opening a file
      files = path.getFileSystem(conf);
      filesOf = place;
    }
    FSDataInputStream raw = files.open(path);
    CompressionCodec codec = codecName.isEmpty() ? codecs.getCodec(path) : codecs.getCodecByName(codecName);
    at = limit = 0;
    midLine = false;
    end = codec == null ? slice.end : Long.MAX_VALUE;
    position = 0;
    in = codec == null ? raw : codec.createInputStream(raw);
    if (slice.start > 0) {
      raw.seek(slice.start - 1);
      position = slice.start - 1;
      midLine = true;
      skipLine();
    } else if (fill() && limit >= BOM && (buffer[0] & 0xff) == 0xef && (buffer[1] & 0xff) == 0xbb
        && (buffer[2] & 0xff) == 0xbf) {
      at = BOM;
      position = BOM;
    }
  }

  /** Gives four blanks first: a JSON parser looks at so many bytes to tell the encoding, and must not see two lines. */
  void padForDetection() {
    pad = true;
  }

  boolean atEnd() throws IOException {
    return in == null || !midLine && position >= end || at == limit && !fill();
  }

  /** Leaves out what is left of a line that was begun. */
  void skipLine() throws IOException {
    while (midLine && (at < limit || fill())) {
      int stop = newline(at, limit);
      keepText(at, stop);
      position += stop - at;
      at = stop;
    }
  }

  private int newline(int from, int to) {
    for (int i = from; i < to; i++) {
      if (buffer[i] == '\n') {
        midLine = false;
        return i + 1;
      }
    }
    midLine = true;
    return to;
  }

  private boolean fill() throws IOException {
    if (in == null) {
      return false;
    }
    int got = in.read(buffer, 0, buffer.length);
    at = 0;
    limit = Math.max(got, 0);
    return got > 0;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (pad && length >= 4) {
      pad = false;
      for (int i = 0; i < 4; i++) {
        into[offset + i] = ' ';
      }
      return 4;
    }
    if (atEnd()) {
      return -1;
    }
    int stop = newline(at, Math.min(limit, at + length));
    int taken = stop - at;
    System.arraycopy(buffer, at, into, offset, taken);
    keepText(at, stop);
    at = stop;
    position += taken;
    return taken;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  private void keepText(int from, int to) {
    if (keep) {
      for (int i = from; i < to; i++) {
        kept.append((char) (buffer[i] & 0xff));
      }
    }
  }

  /** The text since the last {@code forget}, without its last newline. */
  String text() {
    String bytes = kept.toString();
    String text = new String(
        bytes.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1), java.nio.charset.StandardCharsets.UTF_8);
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  /** Forgets the lines before the current one. */
  void forget() {
    if (keep) {
      int last = kept.length() > 1 ? kept.lastIndexOf("\n", kept.length() - 2) : -1;
      kept.delete(0, last + 1);
    }
  }

  @Override
  public void close() throws IOException {
    if (in != null) {
      in.close();
      in = null;
    }
  }
}
