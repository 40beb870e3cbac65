package lakeshift.glue;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/** What was seen at one place of the records: the kinds of value, how often, and how many explicit nulls. */
public final class Shape implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Marks the fields of a struct that stands for a choice; see lakeshift.glue_runtime.engine.types. */
  public static final char MARK = '\u0001';

  /** Begins the name of the field that tells explicit nulls from absent keys; see ...engine.presence. */
  public static final char HIDDEN = '\u0003';

  static final int NULL = 0;
  static final int BOOLEAN = 1;
  static final int INT = 2;
  static final int LONG = 3;
  static final int DOUBLE = 4;
  static final int STRING = 5;
  static final int STRUCT = 6;
  static final int ARRAY = 7;
  static final String[] NAMES = {"null", "boolean", "int", "long", "double", "string", "struct", "array"};
  /** Alternatives in the order of their names, as Glue prints a choice. */
  private static final int[] BY_NAME = {ARRAY, BOOLEAN, DOUBLE, INT, LONG, STRING, STRUCT};

  int kinds;
  long count;
  long nulls;
  long structs;
  LinkedHashMap<String, Shape> fields;
  Shape element;

  // What the record that is being read adds, until it is known to be whole.
  private transient int newKinds;
  private transient int newCount;
  private transient int newNulls;
  private transient int newStructs;
  // The fields in the order of the last record: the next one most likely has the same.
  private transient String[] names;
  private transient Shape[] nodes;

  /** The field {@code name}; {@code place} is its number within the record, where it is looked for first. */
  Shape field(String name, int place) {
    if (names != null && place < names.length && name.equals(names[place])) {
      return nodes[place];
    }
    if (fields == null) {
      fields = new LinkedHashMap<>();
    }
    Shape found = fields.computeIfAbsent(name, key -> new Shape());
    if (place < 64) {
      remember(name, place, found);
    }
    return found;
  }

  private void remember(String name, int place, Shape found) {
    if (names == null || names.length <= place) {
      int size = Math.max(16, place * 2);
      names = names == null ? new String[size] : java.util.Arrays.copyOf(names, size);
      nodes = nodes == null ? new Shape[size] : java.util.Arrays.copyOf(nodes, size);
    }
    names[place] = name;
    nodes[place] = found;
  }

  Shape element() {
    if (element == null) {
      element = new Shape();
    }
    return element;
  }

  /** Notes one value of the record that is being read. */
  void note(int kind, List<Shape> touched) {
    if (newCount++ == 0) {
      touched.add(this);
    }
    newKinds |= 1 << kind;
    if (kind == NULL) {
      newNulls++;
    } else if (kind == STRUCT) {
      newStructs++;
    }
  }

  /** The record is whole (or, with {@code good} false, malformed: it leaves no trace). */
  void settle(boolean good) {
    if (good) {
      kinds |= newKinds;
      count += newCount;
      nulls += newNulls;
      structs += newStructs;
    }
    newKinds = newCount = newNulls = newStructs = 0;
  }

  void merge(Shape other) {
    kinds |= other.kinds;
    count += other.count;
    nulls += other.nulls;
    structs += other.structs;
    if (other.fields != null) {
      for (Map.Entry<String, Shape> entry : other.fields.entrySet()) {
        if (entry.getValue().count > 0) {
          field(entry.getKey(), Integer.MAX_VALUE).merge(entry.getValue());
        }
      }
    }
    if (other.element != null) {
      element().merge(other.element);
    }
  }

  DataType type() {
    int values = kinds & ~1;
    if (values == 0) {
      return DataTypes.NullType;
    }
    if (Integer.bitCount(values) == 1) {
      return alternative(Integer.numberOfTrailingZeros(values));
    }
    List<StructField> alternatives = new ArrayList<>();
    for (int kind : BY_NAME) {
      if ((values & (1 << kind)) != 0) {
        alternatives.add(DataTypes.createStructField(MARK + NAMES[kind], alternative(kind), true));
      }
    }
    return DataTypes.createStructType(alternatives);
  }

  DataType alternative(int kind) {
    switch (kind) {
      case BOOLEAN: return DataTypes.BooleanType;
      case INT: return DataTypes.IntegerType;
      case LONG: return DataTypes.LongType;
      case DOUBLE: return DataTypes.DoubleType;
      case STRING: return DataTypes.StringType;
      case ARRAY: return DataTypes.createArrayType(element().type(), true);
      case STRUCT: {
        List<StructField> inner = new ArrayList<>();
        if (fields != null) {
          for (Map.Entry<String, Shape> entry : fields.entrySet()) {
            if (entry.getValue().count > 0) {
              inner.add(DataTypes.createStructField(entry.getKey(), entry.getValue().type(), true));
              if (hasBoth(entry.getValue())) {
                inner.add(DataTypes.createStructField(HIDDEN + entry.getKey(), DataTypes.BooleanType, true));
              }
            }
          }
        }
        return DataTypes.createStructType(inner);
      }
      default: return DataTypes.NullType;
    }
  }

  /** Whether a field holds explicit nulls in some of these structs and is absent from others. */
  private boolean hasBoth(Shape field) {
    return field.nulls > 0 && field.count < structs;
  }

  /** Paths where a null cell stands for a key that the record did not have, unless a hidden field says otherwise. */
  void absent(List<String> path, List<List<String>> into) {
    if (fields != null) {
      for (Map.Entry<String, Shape> entry : fields.entrySet()) {
        List<String> inner = new ArrayList<>(path);
        inner.add(entry.getKey());
        if (entry.getValue().count > 0 && (entry.getValue().nulls == 0 || hasBoth(entry.getValue()))) {
          into.add(inner);
        }
        entry.getValue().absent(inner, into);
      }
    }
    if (element != null) {
      element.absent(path, into);
    }
  }
}
