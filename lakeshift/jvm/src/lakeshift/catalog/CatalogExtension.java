package lakeshift.catalog;

import java.lang.reflect.Field;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.catalog.CatalogStorageFormat;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalogWithListener;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.execution.datasources.CreateTable;
import org.apache.spark.sql.internal.SQLConf;
import scala.Option;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * {@code spark.sql.extensions} of a run with {@code --enable-glue-datacatalog}: the session's tables are the Data
 * Catalog's. Spark has two catalogs to choose from and no door for a third one; it asks for the parser first of all
 * that a session has, so the catalog is put in place then.
 */
public final class CatalogExtension extends AbstractFunction1<SparkSessionExtensions, BoxedUnit> {
  static final String ENDPOINT = "spark.lakeshift.glue.endpoint";
  static final String REGION = "spark.lakeshift.glue.region";
  static final String KEY = "spark.lakeshift.glue.accessKey";

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    extensions.injectParser(
        (session, parser) -> {
          // Spark's catalog looks at the active session's settings, which are just being made.
          SQLConf.withExistingConf(new SQLConf(), () -> install(session));
          return parser;
        });
    extensions.injectResolutionRule(session -> new HiveTables());
    return BoxedUnit.UNIT;
  }

  private static BoxedUnit install(SparkSession session) {
    ExternalCatalogWithListener shared = session.sharedState().externalCatalog();
    if (shared.unwrapped() instanceof GlueCatalog) {
      return BoxedUnit.UNIT; // a second session of the same context
    }
    SparkConf conf = session.sparkContext().getConf();
    GlueApi api = new GlueApi(conf.get(ENDPOINT), conf.get(REGION), conf.get(KEY));
    String warehouse = conf.get("spark.sql.warehouse.dir");
    try {
      Field delegate = ExternalCatalogWithListener.class.getDeclaredField("delegate");
      delegate.setAccessible(true);
      delegate.set(shared, new GlueCatalog(api, session.sparkContext().hadoopConfiguration(), warehouse));
      return BoxedUnit.UNIT;
    } catch (ReflectiveOperationException error) {
      throw new IllegalStateException("This Spark's catalog cannot be replaced: " + error, error);
    }
  }

  /** CREATE TABLE of Hive's formats that Spark writes itself; the others are refused before they are made. */
  private static final class HiveTables extends Rule<LogicalPlan> {
    @Override
    public LogicalPlan apply(LogicalPlan plan) {
      if (!(plan instanceof CreateTable create) || !isHive(create.tableDesc())) {
        return plan;
      }
      String serde = create.tableDesc().storage().serde().getOrElse(() -> "").toLowerCase(java.util.Locale.ROOT);
      String provider = serde.contains("parquet") ? "parquet" : serde.contains("orc") ? "orc" : null;
      if (provider == null) {
        throw new Refused(
            "CREATE TABLE " + create.tableDesc().identifier().unquotedString() + " in a Hive format",
            "Say USING parquet (or orc, csv, json), or STORED AS PARQUET.");
      }
      return create.copy(converted(create.tableDesc(), provider), create.mode(), create.query());
    }

    private static boolean isHive(CatalogTable table) {
      return table.provider().isDefined() && table.provider().get().equalsIgnoreCase("hive");
    }

    private static CatalogTable converted(CatalogTable t, String provider) {
      CatalogStorageFormat s = t.storage();
      CatalogStorageFormat storage =
          new CatalogStorageFormat(
              s.locationUri(), Scala.none(), Scala.none(), Scala.none(), s.compressed(), overwriting(s));
      return Tables.with(t, Option.apply(provider), storage);
    }

    private static scala.collection.immutable.Map<String, String> overwriting(CatalogStorageFormat storage) {
      java.util.Map<String, String> options = new java.util.HashMap<>(Scala.java(storage.properties()));
      options.put("partitionOverwriteMode", "dynamic"); // as Hive overwrites
      return Scala.map(options);
    }
  }
}
