package lakeshift.glue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** Moves the files of a finished write to where readers see them; before that nobody does. */
public final class FileCommit {
  private FileCommit() {}

  /**
   * Moves every file below {@code staged} to the same folder below {@code root} and removes {@code staged}.
   *
   * @param name name of the files: run-..., to which a number and each file's endings are added; empty: as they are
   * @return the moved files, relative to {@code root}, each ended by \1
   */
  public static String publish(SparkSession spark, String staged, String root, String name) throws IOException {
    Path from = new Path(staged);
    Path to = new Path(root);
    FileSystem files = from.getFileSystem(spark.sessionState().newHadoopConf());
    List<String> found = new ArrayList<>();
    collect(files, from, "", found);
    StringBuilder moved = new StringBuilder();
    int number = 0;
    for (String relative : found) {
      int cut = relative.lastIndexOf('/') + 1;
      String plain = relative.substring(cut);
      int dot = plain.indexOf('.');
      String ends = dot < 0 ? "" : plain.substring(dot);
      String target = relative.substring(0, cut)
          + (name.isEmpty() ? plain : String.format("%s-part-r-%05d%s", name, number++, ends));
      Path destination = new Path(to, target);
      files.mkdirs(destination.getParent());
      if (!files.rename(new Path(from, relative), destination)) {
        throw new IOException("Could not move " + new Path(from, relative) + " to " + destination);
      }
      moved.append(target).append('\1');
    }
    cleanUp(files, from);
    return moved.toString();
  }

  /** What is left is hidden: failing to remove it, because another write is under way beside it, is no failure. */
  private static void cleanUp(FileSystem files, Path from) {
    try {
      files.delete(from, true);
      if (files.listStatus(from.getParent()).length == 0) {
        files.delete(from.getParent(), false);
      }
    } catch (IOException error) {
      return;
    }
  }

  private static void collect(FileSystem files, Path folder, String below, List<String> into) throws IOException {
    FileStatus[] all = files.listStatus(folder);
    Arrays.sort(all, Comparator.comparing(one -> one.getPath().getName()));
    for (FileStatus one : all) {
      String name = one.getPath().getName();
      if (one.isDirectory()) {
        collect(files, one.getPath(), below + name + "/", into);
      } else if (!name.startsWith("_") && !name.startsWith(".")) {
        into.add(below + name);
      }
    }
  }
}
