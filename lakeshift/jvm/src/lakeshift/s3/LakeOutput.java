package lakeshift.s3;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.fs.FileAlreadyExistsException;

/** Writes aside and, when closed, becomes the object at once. */
final class LakeOutput extends OutputStream {
  private final Path folder;
  private final Path file;
  private final Path upload;
  private final String bucket;
  private final String key;
  private final boolean overwrite;
  private final Journal journal;
  private final OutputStream stream;
  private boolean open = true;
  private boolean failed;

  LakeOutput(Path folder, Path file, String bucket, String key, boolean overwrite, Journal journal)
      throws IOException {
    this.folder = folder;
    this.file = file;
    this.bucket = bucket;
    this.key = key;
    this.overwrite = overwrite;
    this.journal = journal;
    this.upload = folder.resolve("." + UUID.randomUUID() + Journal.UPLOAD_SUFFIX);
    this.stream = Files.newOutputStream(upload);
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      stream.write(bytes, offset, length);
    } catch (IOException error) {
      failed = true; // half an object must not appear
      throw error;
    }
  }

  @Override
  public void close() throws IOException {
    if (!open) {
      return;
    }
    open = false;
    try {
      stream.close();
      if (failed) {
        throw new IOException("The object " + key + " was not written: an earlier write failed");
      }
      Faults.maybe(folder.getParent(), "PutObject", bucket, key);
      List<Journal.Entry> entries = List.of(new Journal.Entry("put", key, Journal.inode(upload)));
      journal.keepVersion(bucket, key, upload);
      place();
      journal.note(bucket, entries);
    } finally {
      Files.deleteIfExists(upload);
    }
  }

  private void place() throws IOException {
    for (int attempt = 0; ; attempt++) {
      Files.createDirectories(file.getParent());
      try {
        if (!overwrite && Files.exists(file)) {
          throw new FileAlreadyExistsException(folder.relativize(file) + " already exists");
        }
        Files.move(upload, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(Journal.archived(file)); // what was there before is gone, in whatever class it was
        return;
      } catch (NoSuchFileException error) {
        if (attempt == 4) { // a concurrent delete removed the folder between the two steps, again and again
          throw error;
        }
      }
    }
  }
}
