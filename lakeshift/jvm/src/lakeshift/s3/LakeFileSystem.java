package lakeshift.s3;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BufferedFSInputStream;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * s3://, s3a:// and s3n:// over the folder of plain files that the local S3 API serves.
 *
 * <p>As on S3 an object appears whole, when its stream is closed, and an overwrite never touches the bytes of the
 * object before it: the new file is a new inode. No checksum files. Every object written or removed is noted for the
 * server (see {@link Journal}), which sends the events and keeps the versions.
 */
public final class LakeFileSystem extends FileSystem {
  static final String ROOT = "fs.lakeshift.root";
  private static final long BLOCK_SIZE = 64L * 1024 * 1024; // bytes, as fs.s3.block.size on AWS
  private static final int READ_BUFFER = 64 * 1024;

  private URI uri;
  private String bucket;
  private java.nio.file.Path folder;
  private Journal journal;
  private Path workingDirectory;

  @Override
  public void initialize(URI name, Configuration conf) throws IOException {
    super.initialize(name, conf);
    setConf(conf);
    String root = conf.get(ROOT);
    if (root == null) {
      throw new IOException("The Hadoop setting " + ROOT + " is missing: it names the folder of the buckets.");
    }
    bucket = name.getAuthority();
    if (bucket == null || bucket.isEmpty() || bucket.startsWith(".") || bucket.contains("/")) {
      throw new IOException("The URI " + name + " names no bucket.");
    }
    folder = java.nio.file.Path.of(root, bucket);
    uri = URI.create(name.getScheme() + "://" + bucket);
    workingDirectory = new Path(uri + "/");
    journal = Journal.of(java.nio.file.Path.of(root));
    requireBucket();
  }

  private void requireBucket() throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException(
          "The specified bucket does not exist (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket; "
              + "Bucket: " + bucket + ")");
    }
  }

  @Override
  public String getScheme() {
    return uri == null ? "s3" : uri.getScheme();
  }

  @Override
  public URI getUri() {
    return uri;
  }

  @Override
  public String getCanonicalServiceName() {
    return null; // no delegation tokens
  }

  @Override
  public long getDefaultBlockSize() {
    return BLOCK_SIZE;
  }

  @Override
  public long getDefaultBlockSize(Path path) {
    return BLOCK_SIZE;
  }

  @Override
  public void setWorkingDirectory(Path directory) {
    workingDirectory = makeQualified(directory);
  }

  @Override
  public Path getWorkingDirectory() {
    return workingDirectory;
  }

  /** The key of a path: no leading slash, and none that leaves the bucket. */
  private String key(Path path) throws IOException {
    String key = makeQualified(path).toUri().getPath();
    key = key.startsWith("/") ? key.substring(1) : key;
    for (String part : key.split("/")) {
      if (part.equals("..") || part.equals(".")) {
        throw new IOException("The path " + path + " holds a part '" + part + "', which is no part of a key.");
      }
    }
    return key;
  }

  private java.nio.file.Path file(Path path) throws IOException {
    return folder.resolve(key(path));
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    java.nio.file.Path file = file(path);
    Faults.maybe(folder.getParent(), "GetObject", bucket, key(path));
    try {
      BasicFileAttributes facts = Files.readAttributes(file, BasicFileAttributes.class);
      if (facts.isDirectory()) {
        throw new FileNotFoundException("Can't open " + path + " because it is a directory");
      }
      // No larger than the object: of many small ones, clearing the buffer would be most of the work.
      int buffer = (int) Math.min(Math.max(bufferSize, READ_BUFFER), Math.max(facts.size(), 1));
      return new FSDataInputStream(new BufferedFSInputStream(new LakeInput(file, statistics), buffer));
    } catch (NoSuchFileException | NotDirectoryException error) {
      if (Files.exists(Journal.archived(file))) {
        throw new IOException(
            "The operation is not valid for the object's storage class (Service: Amazon S3; Status Code: 403; Error Code: "
                + "InvalidObjectState): " + makeQualified(path) + " is archived. Restore it, or leave it out with "
                + "excludeStorageClasses.");
      }
      throw missing(path);
    }
  }

  private FileNotFoundException missing(Path path) throws IOException {
    requireBucket();
    return new FileNotFoundException("No such file or directory: " + makeQualified(path));
  }

  @Override
  public FSDataOutputStream create(
      Path path, FsPermission permission, boolean overwrite, int bufferSize, short replication, long blockSize,
      Progressable progress) throws IOException {
    String key = key(path);
    java.nio.file.Path file = folder.resolve(key);
    requireBucket();
    if (Files.isDirectory(file)) {
      throw new FileAlreadyExistsException(path + " is a directory");
    }
    if (!overwrite && Files.exists(file)) {
      throw new FileAlreadyExistsException(path + " already exists");
    }
    requireNoFileAbove(file, path);
    return new FSDataOutputStream(new LakeOutput(folder, file, bucket, key, overwrite, journal), statistics);
  }

  private void requireNoFileAbove(java.nio.file.Path file, Path path) throws IOException {
    for (java.nio.file.Path above = file.getParent(); !above.equals(folder); above = above.getParent()) {
      if (Files.isDirectory(above)) {
        return;
      }
      if (Files.exists(above)) {
        throw new ParentNotDirectoryException(
            path + ": " + folder.relativize(above) + " is an object; locally no object can lie below it");
      }
    }
  }

  @Override
  public FSDataOutputStream createNonRecursive(
      Path path, FsPermission permission, EnumSet<CreateFlag> flags, int bufferSize, short replication, long blockSize,
      Progressable progress) throws IOException {
    boolean overwrite = flags.contains(CreateFlag.OVERWRITE);
    return create(path, permission, overwrite, bufferSize, replication, blockSize, progress);
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
    throw new UnsupportedOperationException("S3 has no append: write " + path + " anew");
  }

  @Override
  public boolean rename(Path source, Path target) throws IOException {
    java.nio.file.Path from = file(source);
    if (key(source).isEmpty() || !Files.exists(from)) {
      return false;
    }
    String to = key(target);
    if (Files.isDirectory(folder.resolve(to)) && !from.equals(folder.resolve(to))) {
      to = to.isEmpty() ? source.getName() : to + "/" + source.getName();
    }
    java.nio.file.Path file = folder.resolve(to);
    if (from.equals(file)) {
      return Files.isRegularFile(from);
    }
    if (Files.isRegularFile(file) || file.startsWith(from)) {
      return false;
    }
    Faults.maybe(folder.getParent(), "CopyObject", bucket, to);
    Files.createDirectories(file.getParent());
    List<Journal.Entry> entries = new ArrayList<>();
    for (String below : filesBelow(from)) {
      String fromKey = join(key(source), below);
      long inode = Journal.inode(below.isEmpty() ? from : from.resolve(below));
      entries.add(new Journal.Entry("put", join(to, below), inode));
      entries.add(new Journal.Entry("delete", fromKey, inode));
    }
    try {
      Files.move(from, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (DirectoryNotEmptyException | java.nio.file.FileAlreadyExistsException error) {
      return false;
    }
    journal.keepVersions(bucket, entries);
    journal.note(bucket, entries);
    return true;
  }

  private static String join(String above, String below) {
    return below.isEmpty() ? above : above + "/" + below;
  }

  /** Relative names of the files at or below {@code from}; "" is {@code from} itself. */
  private static List<String> filesBelow(java.nio.file.Path from) throws IOException {
    try (Stream<java.nio.file.Path> found = Files.walk(from)) {
      return found.filter(Files::isRegularFile).map(file -> from.relativize(file).toString()).toList();
    }
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    java.nio.file.Path file = file(path);
    if (!Files.exists(file)) {
      file = Journal.archived(file);
      if (key(path).isEmpty() || !Files.exists(file)) {
        return false;
      }
    }
    if (Files.isDirectory(file) && !recursive && listStatus(path).length > 0) {
      throw new IOException("Cannot delete " + path + " as it is not an empty directory");
    }
    List<java.nio.file.Path> all;
    try (Stream<java.nio.file.Path> found = Files.walk(file)) {
      all = found.sorted(Comparator.reverseOrder()).toList(); // what lies below comes before
    }
    List<Journal.Entry> entries = new ArrayList<>();
    for (java.nio.file.Path one : all) {
      if (one.equals(folder)) {
        continue; // the bucket itself stays
      }
      long inode = Files.isRegularFile(one) ? Journal.inode(one) : 0;
      if (deleteOne(one) && inode != 0) {
        entries.add(new Journal.Entry("delete", keyOf(one), inode));
      }
      Files.deleteIfExists(Journal.archived(one)); // one whose restored copy this was
    }
    journal.note(bucket, entries);
    return true;
  }

  private String keyOf(java.nio.file.Path file) {
    String key = folder.relativize(file).toString();
    int end = key.length() - Journal.ARCHIVED_SUFFIX.length();
    return key.endsWith(Journal.ARCHIVED_SUFFIX) ? key.substring(0, end) : key;
  }

  private static boolean deleteOne(java.nio.file.Path file) throws IOException {
    try {
      return Files.deleteIfExists(file);
    } catch (DirectoryNotEmptyException error) {
      return false; // somebody wrote into it meanwhile: that object is not ours to delete
    }
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    java.nio.file.Path file = file(path);
    Path qualified = makeQualified(path);
    List<FileStatus> found = new ArrayList<>();
    Faults.maybe(folder.getParent(), "ListObjectsV2", bucket, key(path));
    try (DirectoryStream<java.nio.file.Path> entries = Files.newDirectoryStream(file)) {
      for (java.nio.file.Path entry : entries) {
        String name = entry.getFileName().toString();
        boolean archived = name.endsWith(Journal.ARCHIVED_SUFFIX);
        if (archived) { // listed as on S3; whoever opens it is told InvalidObjectState
          name = name.substring(0, name.length() - Journal.ARCHIVED_SUFFIX.length());
        }
        if (archived ? !Files.exists(file.resolve(name)) : !Journal.isOurs(name)) {
          try {
            found.add(status(entry, new Path(qualified, name)));
          } catch (NoSuchFileException error) {
            continue; // deleted since the folder was read
          }
        }
      }
    } catch (NotDirectoryException error) {
      return new FileStatus[] {getFileStatus(path)};
    } catch (NoSuchFileException error) {
      throw missing(path);
    }
    found.sort(Comparator.comparing(one -> one.getPath().getName()));
    return found.toArray(new FileStatus[0]);
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    try {
      return status(file(path), makeQualified(path));
    } catch (NoSuchFileException error) {
      java.nio.file.Path archived = Journal.archived(file(path));
      if (Files.exists(archived)) {
        return status(archived, makeQualified(path));
      }
      throw missing(path);
    } catch (java.nio.file.FileSystemException error) {
      if (error.getReason() != null && error.getReason().contains("Not a directory")) {
        throw missing(path);
      }
      throw error;
    }
  }

  private static FileStatus status(java.nio.file.Path file, Path path) throws IOException {
    BasicFileAttributes facts = Files.readAttributes(file, BasicFileAttributes.class);
    boolean directory = facts.isDirectory();
    long size = directory ? 0 : facts.size();
    return new FileStatus(size, directory, 1, BLOCK_SIZE, facts.lastModifiedTime().toMillis(), path);
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) throws IOException {
    requireBucket();
    try {
      Files.createDirectories(file(path));
    } catch (java.nio.file.FileAlreadyExistsException | NotDirectoryException error) {
      throw new FileAlreadyExistsException("Path is a file: " + path);
    }
    return true;
  }
}
