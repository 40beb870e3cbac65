package lakeshift.glue;

import com.fasterxml.jackson.core.filter.TokenFilter;
import java.util.ArrayList;
import java.util.List;

/** The part of a document that a path such as {@code $.records[*]} names, as a filter on its tokens. */
final class JsonPath extends TokenFilter {
  private static final String ANY = "*";

  private final List<String> steps;
  private final int depth;

  private JsonPath(List<String> steps, int depth) {
    this.steps = steps;
    this.depth = depth;
  }

  /** Null for no path, or for the whole document. */
  static JsonPath of(List<String> steps) {
    return steps.isEmpty() ? null : new JsonPath(new ArrayList<>(steps), 0);
  }

  private TokenFilter after() {
    return depth + 1 == steps.size() ? TokenFilter.INCLUDE_ALL : new JsonPath(steps, depth + 1);
  }

  @Override
  public TokenFilter includeProperty(String name) {
    String step = steps.get(depth);
    return step.equals("." + ANY) || step.equals("." + name) ? after() : null;
  }

  @Override
  public TokenFilter includeElement(int index) {
    String step = steps.get(depth);
    return step.equals(ANY) || step.equals(Integer.toString(index)) ? after() : null;
  }

  @Override
  public TokenFilter includeRootValue(int index) {
    return this;
  }

  @Override
  protected boolean _includeScalar() {
    return false;
  }
}
