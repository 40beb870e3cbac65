package lakeshift.glue;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.PrunedScan;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Files as a relation that reads only the columns asked for. The last columns are constant within a slice: the file's
 * name, the values of its partition.
 */
public final class FileRows extends BaseRelation implements PrunedScan {
  /** How one task makes rows of its slices. */
  interface Reader extends java.io.Serializable {
    /** Rows of the columns in {@code wanted}. */
    Rows rows(Iterator<Slice> slices, Configuration conf, StructType wanted);
  }

  /** Rows, one after the other. */
  interface Rows {
    /** The next row's cells, or null at the end. */
    Object[] next() throws java.io.IOException;

    Slice slice();
  }

  /** What one task finds of malformed records. */
  interface Malformed extends java.io.Serializable {
    Iterator<Row> rows(Iterator<Slice> slices, Configuration conf) throws java.io.IOException;
  }

  private static final StructType MALFORMED = new StructType()
      .add("msg", DataTypes.StringType).add("input", DataTypes.StringType).add("bytesread", DataTypes.LongType)
      .add("source", DataTypes.StringType).add("record", DataTypes.StringType);

  private final SparkSession spark;
  private final StructType schema;
  private final int constants;
  private final List<Slice[]> groups;
  private final long bytes;
  private final Reader reader;

  private FileRows(SparkSession spark, StructType schema, int constants, List<Slice[]> groups, long bytes, Reader reader) {
    this.spark = spark;
    this.schema = schema;
    this.constants = constants;
    this.groups = groups;
    this.bytes = bytes;
    this.reader = reader;
  }

  /** The rows of {@code groups}: the columns of {@code own}, then one text column for each of {@code constants}. */
  static Dataset<Row> of(
      SparkSession spark, StructType own, List<String> constants, List<Slice[]> groups, long bytes, Reader reader) {
    StructType schema = own;
    for (String name : constants) {
      schema = schema.add(name, DataTypes.StringType);
    }
    return spark.baseRelationToDataFrame(new FileRows(spark, schema, constants.size(), groups, bytes, reader));
  }

  /** The malformed records of the groups: msg, input, bytesread, source, and what was read of the record (JSON). */
  static Dataset<Row> malformed(SparkSession spark, List<Slice[]> groups, Malformed reader) {
    SerializableConfiguration conf = conf(spark);
    return spark.createDataFrame(
        slices(spark, groups).mapPartitions(it -> reader.rows(flat(it), conf.value())), MALFORMED);
  }

  static JavaRDD<Slice[]> slices(SparkSession spark, List<Slice[]> groups) {
    return new JavaSparkContext(spark.sparkContext()).parallelize(groups, Math.max(1, groups.size()));
  }

  static SerializableConfiguration conf(SparkSession spark) {
    return new SerializableConfiguration(spark.sessionState().newHadoopConf());
  }

  @Override
  public SQLContext sqlContext() {
    return spark.sqlContext();
  }

  @Override
  public StructType schema() {
    return schema;
  }

  @Override
  public long sizeInBytes() {
    return bytes;
  }

  @Override
  public boolean needConversion() {
    return false; // rows are Spark's inner ones
  }

  @Override
  @SuppressWarnings({"unchecked", "rawtypes"})
  public RDD<Row> buildScan(String[] names) {
    int own = schema.length() - constants;
    List<StructField> wanted = new ArrayList<>();
    List<Integer> targets = new ArrayList<>();
    int[] constantOf = new int[names.length];
    for (int i = 0; i < names.length; i++) {
      int at = schema.fieldIndex(names[i]);
      constantOf[i] = at - own;
      if (at < own) {
        wanted.add(schema.fields()[at]);
        targets.add(i);
      }
    }
    StructType read = DataTypes.createStructType(wanted);
    int[] place = targets.stream().mapToInt(Integer::intValue).toArray();
    Reader how = reader;
    SerializableConfiguration conf = conf(spark);
    JavaRDD rows = slices(spark, groups).mapPartitions(groups -> {
      Iterator<Slice> slices = flat(groups);
      return new Scan(how.rows(slices, conf.value(), read), place, constantOf);
    });
    return rows.rdd();
  }

  static Iterator<Slice> flat(Iterator<Slice[]> groups) {
    return groups.hasNext() ? java.util.Arrays.asList(groups.next()).iterator() : java.util.Collections.emptyIterator();
  }

  /** Puts what was read and the constants in the order asked for. */
  private static final class Scan implements Iterator<InternalRow> {
    private final Rows rows;
    private final int[] place;
    private final int[] constantOf;
    private final boolean plain;
    private final UTF8String[] texts;
    private Slice of;
    private InternalRow next;

    Scan(Rows rows, int[] place, int[] constantOf) {
      this.rows = rows;
      this.place = place;
      this.constantOf = constantOf;
      this.plain = place.length == constantOf.length;
      this.texts = new UTF8String[constantOf.length];
      org.apache.spark.TaskContext.get().addTaskCompletionListener(
          (org.apache.spark.util.TaskCompletionListener) done -> org.apache.spark.rdd.InputFileBlockHolder.unset());
    }

    @Override
    public boolean hasNext() {
      if (next == null) {
        try {
          Object[] cells = rows.next();
          next = cells == null ? null : row(cells);
        } catch (java.io.IOException error) {
          throw new java.io.UncheckedIOException(error);
        }
      }
      return next != null;
    }

    private InternalRow row(Object[] cells) {
      if (of != rows.slice()) {
        of = rows.slice();
        // what input_file_name() says
        org.apache.spark.rdd.InputFileBlockHolder.set(
            new org.apache.hadoop.fs.Path(of.path).toUri().toString(), of.start, of.end - of.start);
        for (int i = 0; i < constantOf.length; i++) {
          texts[i] = constantOf[i] < 0 ? null : UTF8String.fromString(of.constants[constantOf[i]]);
        }
      }
      if (plain) {
        return new org.apache.spark.sql.catalyst.expressions.GenericInternalRow(cells);
      }
      Object[] out = new Object[constantOf.length];
      for (int i = 0; i < place.length; i++) {
        out[place[i]] = cells[i];
      }
      for (int i = 0; i < out.length; i++) {
        if (constantOf[i] >= 0) {
          out[i] = texts[i];
        }
      }
      return new org.apache.spark.sql.catalyst.expressions.GenericInternalRow(out);
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new java.util.NoSuchElementException();
      }
      InternalRow row = next;
      next = null;
      return row;
    }
  }
}
