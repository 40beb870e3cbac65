package lakeshift.glue;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A piece of a file: the lines that begin in the bytes [start, end), and the texts that each of its records has in the
 * constant columns (its file, the values of its partition...).
 */
public final class Slice implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String FIELD = "\u0000";
  private static final String SLICE = "\u0001";
  private static final String GROUP = "\u0002";
  private static final String NONE = "\u0003";

  final String path;
  final long start;
  final long end;
  final String[] constants;

  Slice(String path, long start, long end, String[] constants) {
    this.path = path;
    this.start = start;
    this.end = end;
    this.constants = constants;
  }

  /** Reads what lakeshift.glue_runtime.engine.file_groups wrote: groups of slices, each group one task's. */
  public static List<Slice[]> groups(String text) {
    List<Slice[]> groups = new ArrayList<>();
    if (text.isEmpty()) {
      return groups;
    }
    for (String group : text.split(GROUP, -1)) {
      List<Slice> slices = new ArrayList<>();
      for (String one : group.split(SLICE, -1)) {
        String[] parts = one.split(FIELD, -1);
        String[] constants = Arrays.copyOfRange(parts, 3, parts.length);
        for (int i = 0; i < constants.length; i++) {
          constants[i] = constants[i].equals(NONE) ? null : constants[i];
        }
        slices.add(new Slice(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]), constants));
      }
      groups.add(slices.toArray(new Slice[0]));
    }
    return groups;
  }
}
