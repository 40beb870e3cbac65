package lakeshift.glue;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.LogicalRDD;
import org.apache.spark.sql.execution.SQLExecution;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.PrunedScan;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Rows of a local checkpoint as a relation that gives only the columns asked for, and beside them, row by row, what a
 * Python function made of each. Spark alone copies every column of a checkpoint's row at every pass over it.
 */
public final class HeldRows extends BaseRelation implements PrunedScan {
  private final SparkSession spark;
  private final StructType schema;
  private final int own;
  private final JavaRDD<InternalRow> rows;
  private final JavaRDD<InternalRow> results;
  private final long bytes;

  private HeldRows(Dataset<Row> rows, StructType beside, Dataset<Row> results) {
    this.spark = rows.sparkSession();
    this.own = rows.schema().length();
    this.rows = checkpoint(rows).rdd().toJavaRDD();
    this.results = results == null ? null : checkpoint(results).rdd().toJavaRDD();
    // BigInt.longValue cuts high bits off: what does not fit is "large".
    scala.math.BigInt size = checkpoint(rows).stats().sizeInBytes();
    this.bytes = size.isValidLong() ? size.toLong() : Long.MAX_VALUE;
    StructType all = rows.schema();
    for (StructField field : beside.fields()) {
      all = all.add(field);
    }
    this.schema = all;
  }

  /** The rows of {@code rows}, which {@code Dataset.localCheckpoint} gave. */
  public static HeldRows of(Dataset<Row> rows) {
    return new HeldRows(rows, new StructType(), null);
  }

  /**
   * The same, and the columns of {@code besideJson} from {@code results}, another checkpoint: of one binary column that
   * holds Arrow streams, which together have, partition by partition, one row for each of {@code rows} in their order.
   */
  public static HeldRows beside(Dataset<Row> rows, String besideJson, Dataset<Row> results) {
    return new HeldRows(rows, (StructType) DataType.fromJson(besideJson), results);
  }

  /** As a frame that reads the columns it needs. */
  public Dataset<Row> data() {
    return spark.baseRelationToDataFrame(this);
  }

  /**
   * Answers all of {@code asked} (one a line, see {@link Count}) in one pass over all columns.
   *
   * @param without the place of a column that is null in all rows that count; -1: all of them do
   */
  public String counts(String asked, int without) {
    String[] asks = asked.split("\n");
    StructType all = schema;
    int width = own;
    int[] places = java.util.stream.IntStream.range(0, all.length()).toArray();
    JavaRDD<Count[]> parts = rows.zipPartitions(results, (part, streams) -> java.util.Collections.singletonList(
        Count.over(new PlacedRows(part, streams, places, width), asks, all, without)).iterator());
    Count[] sum = Count.of(asks, all);
    // The rows are perhaps computed only now: by the settings of the session, as in a query.
    for (Count[] part : SQLExecution.withSQLConfPropagated(spark, parts::collect)) {
      for (int i = 0; i < sum.length; i++) {
        sum[i].merge(part[i]);
      }
    }
    return Count.text(sum);
  }

  private static LogicalRDD checkpoint(Dataset<Row> data) {
    LogicalPlan plan = data.queryExecution().analyzed();
    if (plan instanceof LogicalRDD) {
      return (LogicalRDD) plan;
    }
    throw new IllegalArgumentException("not what localCheckpoint gives: " + plan.nodeName());
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
    int[] places = new int[names.length];
    boolean alone = true;
    int width = own;
    for (int i = 0; i < names.length; i++) {
      places[i] = schema.fieldIndex(names[i]);
      alone &= places[i] < width;
    }
    JavaRDD made = alone
        ? rows.mapPartitions(part -> new PlacedRows(part, null, places, width))
        : rows.zipPartitions(results, (part, streams) -> new PlacedRows(part, streams, places, width));
    return made.rdd();
  }
}
