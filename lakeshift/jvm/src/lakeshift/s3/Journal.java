package lakeshift.s3;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this JVM changed, one line an object, in an append-only file that the server follows; and hard links to the
 * bytes of objects in versioned buckets. The formats are those of lakeshift/local/s3/journal.py and store.py.
 */
final class Journal {
  static final String UPLOAD_SUFFIX = ".lakeshift-upload";
  static final String ARCHIVED_SUFFIX = ".lakeshift-archived"; // the bytes of an object in a Glacier class
  private static final String ODD_FOLDER = ".lakeshift-odd-keys";
  private static final Map<Path, Journal> JOURNALS = new ConcurrentHashMap<>();

  private final Path root;
  private FileChannel channel;

  /** A change: verb is put or delete. */
  record Entry(String verb, String key, long inode) {}

  private Journal(Path root) {
    this.root = root;
  }

  static Journal of(Path root) {
    return JOURNALS.computeIfAbsent(root, Journal::new);
  }

  /** Files that no listing shows, not even a committer's. */
  static boolean isOurs(String name) {
    return name.equals(ODD_FOLDER) || name.endsWith(UPLOAD_SUFFIX) || name.endsWith(ARCHIVED_SUFFIX);
  }

  /** As lakeshift.lake.names.is_hidden: job output before its commit is no object yet. */
  private static boolean isHidden(String key) {
    for (String part : key.split("/")) {
      if (isOurs(part) || part.equals("_temporary") || part.equals("__temporary") || part.startsWith(".spark-staging")) {
        return true;
      }
    }
    return false;
  }

  /** Where the bytes of an object in a Glacier class lie. */
  static Path archived(Path file) {
    return file.resolveSibling(file.getFileName() + ARCHIVED_SUFFIX);
  }

  static long inode(Path file) throws IOException {
    return ((Number) Files.getAttribute(file, "unix:ino")).longValue();
  }

  void keepVersion(String bucket, String key, Path file) throws IOException {
    if (isHidden(key) || !isVersioned(bucket)) {
      return;
    }
    try {
      Files.createLink(root.resolve(".versions").resolve(bucket).resolve(Long.toString(inode(file))), file);
    } catch (FileAlreadyExistsException error) {
      return; // kept already
    }
  }

  void keepVersions(String bucket, List<Entry> entries) throws IOException {
    if (!isVersioned(bucket)) {
      return;
    }
    for (Entry entry : entries) {
      if (entry.verb().equals("put")) {
        keepVersion(bucket, entry.key(), root.resolve(bucket).resolve(entry.key()));
      }
    }
  }

  private boolean isVersioned(String bucket) {
    return Files.exists(root.resolve(".versions").resolve(bucket + ".enabled"));
  }

  void note(String bucket, List<Entry> entries) throws IOException {
    StringBuilder lines = new StringBuilder();
    long millis = System.currentTimeMillis();
    for (Entry entry : entries) {
      if (!isHidden(entry.key())) {
        String key = URLEncoder.encode(entry.key(), StandardCharsets.UTF_8).replace("+", "%20");
        lines.append(entry.verb()).append('\t').append(bucket).append('\t').append(key).append('\t')
            .append(entry.inode()).append('\t').append(millis).append('\n');
      }
    }
    if (lines.length() > 0) {
      append(ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8)));
    }
  }

  private synchronized void append(ByteBuffer bytes) throws IOException {
    if (channel == null) {
      Path folder = Files.createDirectories(root.resolve(".journal"));
      String name = ProcessHandle.current().pid() + "-" + UUID.randomUUID() + ".log";
      channel = FileChannel.open(folder.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
