package lakeshift.worker;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A stream whose target changes from run to run: whoever holds it (System.err, the logger) follows. */
final class SwitchedOutput extends OutputStream {
  private final OutputStream idle;
  private OutputStream target;

  SwitchedOutput(OutputStream idle) {
    this.idle = idle;
    this.target = idle;
  }

  synchronized void to(Path file) throws IOException {
    back();
    target = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  synchronized void back() throws IOException {
    if (target != idle) {
      OutputStream before = target;
      target = idle;
      before.close();
    }
  }

  @Override
  public synchronized void write(int one) throws IOException {
    target.write(one);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
    target.write(bytes, offset, length);
  }

  @Override
  public synchronized void flush() throws IOException {
    target.flush();
  }
}
