package lakeshift.glue;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** Lists the files below a path through Hadoop's file system, as Spark would, in one answer. */
public final class FileListing {
  private FileListing() {}

  /**
   * One line a file, in order of names: path relative to {@code root} (empty: the root itself is the file), bytes,
   * milliseconds of the last change; fields end with \0, lines with \1. Empty when nothing is there.
   *
   * @param deep whether folders below are looked into; where not, a line of a folder's name and size -1 tells of it
   */
  public static String list(SparkSession spark, String root, boolean deep) throws IOException {
    Path top = new Path(root);
    FileSystem files = top.getFileSystem(spark.sessionState().newHadoopConf());
    StringBuilder out = new StringBuilder();
    for (List<Folder> level = List.of(new Folder(top, "")); !level.isEmpty(); ) {
      List<Folder> below = new ArrayList<>();
      for (Folder folder : filled(files, level)) {
        for (FileStatus one : folder.found) {
          boolean self = one.isFile() && one.getPath().toUri().getPath().equals(folder.path.toUri().getPath());
          String name = self ? folder.name : folder.name + one.getPath().getName();
          if (one.isFile()) {
            line(out, name, one.getLen(), one.getModificationTime());
          } else if (deep) {
            below.add(new Folder(one.getPath(), name + "/"));
          } else {
            line(out, name + "/", -1, 0);
          }
        }
      }
      level = below;
    }
    return out.toString();
  }

  /** A folder, its name below the root with a slash at its end, and what lies in it once that has been looked at. */
  private record Folder(Path path, String name, FileStatus... found) {}

  /** The folders with what lies in them, in order of names; of several at once, since each file is asked for its size. */
  private static List<Folder> filled(FileSystem files, List<Folder> folders) throws IOException {
    try {
      return folders.parallelStream().map(folder -> filled(files, folder)).toList();
    } catch (UncheckedIOException error) {
      throw error.getCause();
    }
  }

  private static Folder filled(FileSystem files, Folder folder) {
    try {
      FileStatus[] found = files.listStatus(folder.path);
      Arrays.sort(found, Comparator.comparing(one -> one.getPath().getName()));
      return new Folder(folder.path, folder.name, found);
    } catch (FileNotFoundException error) {
      return folder; // a prefix without objects
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  /** Whether the first line of a file is one whole JSON object, so that its lines can be read apart. */
  public static boolean beginsWithWholeRecord(SparkSession spark, String file) throws IOException {
    Lines lines = new Lines(spark.sessionState().newHadoopConf(), "", false);
    lines.open(new Slice(file, 0, 1, new String[0])); // no more than the first line begins here
    lines.padForDetection();
    try (com.fasterxml.jackson.core.JsonParser parser = new com.fasterxml.jackson.core.JsonFactory().createParser(lines)) {
      if (parser.nextToken() != com.fasterxml.jackson.core.JsonToken.START_OBJECT) {
        return false;
      }
      parser.skipChildren();
      return parser.currentToken() == com.fasterxml.jackson.core.JsonToken.END_OBJECT;
    } catch (com.fasterxml.jackson.core.JsonProcessingException error) {
      return false;
    } finally {
      lines.close();
    }
  }

  /** The schema that an Avro file was written with, as JSON. */
  public static String avroSchema(SparkSession spark, String file) throws IOException {
    Path path = new Path(file);
    try (org.apache.avro.file.DataFileStream<Object> data = new org.apache.avro.file.DataFileStream<>(
        path.getFileSystem(spark.sessionState().newHadoopConf()).open(path),
        new org.apache.avro.generic.GenericDatumReader<>())) {
      return data.getSchema().toString();
    }
  }

  private static void line(StringBuilder out, String name, long size, long modified) {
    out.append(name).append('\0').append(size).append('\0').append(modified).append('\1');
  }
}
