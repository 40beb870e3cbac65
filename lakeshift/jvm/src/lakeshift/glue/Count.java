package lakeshift.glue;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Iterator;
import java.util.StringJoiner;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructType;

/**
 * One thing that is counted at one place of rows, where a value is: that of a field within structs.
 *
 * <p>Many counts in one pass without a plan: Spark's own aggregation of a hundred costs more than a small frame's rows.
 */
final class Count implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What engine/native_shape.py asks for: "what", or "what place", the place as "2.0": field 0 of field 2. */
  private enum What { ROWS, VALUES, SMALL, LARGEST, BITS, NULLS_IN, VALUES_IN, SMALL_IN, LARGE_IN }

  private final What what;
  private final int[] places;
  private final int[] widths;
  private final DataType type;
  private long number;
  private BigDecimal largest;

  private Count(String asked, StructType schema) {
    String[] parts = asked.split(" ");
    what = What.valueOf(parts[0]);
    String[] steps = parts.length > 1 ? parts[1].split("\\.") : new String[0];
    places = new int[steps.length];
    widths = new int[steps.length];
    DataType at = schema;
    for (int i = 0; i < steps.length; i++) {
      places[i] = Integer.parseInt(steps[i]);
      at = ((StructType) at).fields()[places[i]].dataType();
      widths[i] = at instanceof StructType ? ((StructType) at).length() : 0;
    }
    type = at;
  }

  static Count[] of(String[] asked, StructType schema) {
    Count[] made = new Count[asked.length];
    for (int i = 0; i < made.length; i++) {
      made[i] = new Count(asked[i], schema);
    }
    return made;
  }

  /** Counts {@code rows}, but those with a value at {@code skipped} where that is a place (not below zero). */
  static Count[] over(Iterator<InternalRow> rows, String[] asked, StructType schema, int skipped) {
    Count[] counts = of(asked, schema);
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      if (skipped < 0 || row.isNullAt(skipped)) {
        for (Count count : counts) {
          count.see(row);
        }
      }
    }
    return counts;
  }

  /** Numbers with a space between them; "-" for the largest of none. */
  static String text(Count[] counts) {
    StringJoiner text = new StringJoiner(" ");
    for (Count count : counts) {
      boolean number = count.what != What.LARGEST;
      text.add(number ? Long.toString(count.number) : count.largest == null ? "-" : count.largest.toPlainString());
    }
    return text.toString();
  }

  void merge(Count other) {
    number = what == What.BITS ? number | other.number : number + other.number;
    if (other.largest != null && (largest == null || other.largest.compareTo(largest) > 0)) {
      largest = other.largest;
    }
  }

  private void see(InternalRow row) {
    if (what == What.ROWS) {
      number++;
      return;
    }
    SpecializedGetters in = row;
    int last = places.length - 1;
    for (int i = 0; i < last; i++) {
      if (in.isNullAt(places[i])) {
        return;
      }
      in = in.getStruct(places[i], widths[i]);
    }
    if (!in.isNullAt(places[last])) {
      see(in, places[last]);
    }
  }

  private void see(SpecializedGetters in, int place) {
    switch (what) {
      case VALUES:
        number++;
        break;
      case SMALL:
        number += isSmall(in.getLong(place)) ? 1 : 0;
        break;
      case BITS:
        number |= 1L << in.getByte(place);
        break;
      case LARGEST:
        DecimalType decimal = (DecimalType) type;
        BigDecimal found = in.getDecimal(place, decimal.precision(), decimal.scale()).toJavaBigDecimal().abs();
        largest = largest == null || found.compareTo(largest) > 0 ? found : largest;
        break;
      default:
        number += some(in.getArray(place)) ? 1 : 0;
    }
  }

  /** Whether some element is of the kind. */
  private boolean some(ArrayData elements) {
    for (int i = 0; i < elements.numElements(); i++) {
      boolean none = elements.isNullAt(i);
      boolean found = what == What.NULLS_IN ? none
          : !none && (what == What.VALUES_IN || isSmall(elements.getLong(i)) == (what == What.SMALL_IN));
      if (found) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSmall(long value) {
    return value == (int) value;
  }
}
