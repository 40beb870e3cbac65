package lakeshift.s3;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileSystem;

/** One object's bytes; a reader keeps the version it opened, whatever is written meanwhile. */
final class LakeInput extends FSInputStream {
  private final FileChannel channel;
  private final FileSystem.Statistics statistics;

  LakeInput(Path file, FileSystem.Statistics statistics) throws IOException {
    this.channel = FileChannel.open(file, StandardOpenOption.READ);
    this.statistics = statistics;
    statistics.incrementReadOps(1);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    return counted(length == 0 ? 0 : channel.read(ByteBuffer.wrap(bytes, offset, length)));
  }

  @Override
  public int read(long position, byte[] bytes, int offset, int length) throws IOException {
    return counted(length == 0 ? 0 : channel.read(ByteBuffer.wrap(bytes, offset, length), position));
  }

  private int counted(int count) {
    if (count > 0) {
      statistics.incrementBytesRead(count);
    }
    return count;
  }

  @Override
  public void seek(long position) throws IOException {
    if (position < 0 || position > channel.size()) {
      throw new EOFException("Cannot seek to " + position + ": the object has " + channel.size() + " bytes");
    }
    channel.position(position);
  }

  @Override
  public long getPos() throws IOException {
    return channel.position();
  }

  @Override
  public int available() throws IOException {
    return (int) Math.min(Integer.MAX_VALUE, channel.size() - channel.position());
  }

  @Override
  public boolean seekToNewSource(long target) {
    return false;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
