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

  /** Begins the name of the field that tells explicit nulls from absent keys; see lakeshift.glue_runtime.engine.presence. */
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

  Shape field(String name) {
    if (fields == null) {
      fields = new LinkedHashMap<>();
    }
    return fields.computeIfAbsent(name, key -> new Shape());
  }

  Shape element() {
    if (element == null) {
      element = new Shape();
    }
    return element;
  }

  void merge(Shape other) {
    kinds |= other.kinds;
    count += other.count;
    nulls += other.nulls;
    structs += other.structs;
    if (other.fields != null) {
      for (Map.Entry<String, Shape> entry : other.fields.entrySet()) {
        field(entry.getKey()).merge(entry.getValue());
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
            inner.add(DataTypes.createStructField(entry.getKey(), entry.getValue().type(), true));
            if (hasBoth(entry.getValue())) {
              inner.add(DataTypes.createStructField(HIDDEN + entry.getKey(), DataTypes.BooleanType, true));
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
        if (entry.getValue().nulls == 0 || hasBoth(entry.getValue())) {
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
