package lakeshift.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.catalyst.catalog.CatalogStorageFormat;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.catalyst.catalog.CatalogTablePartition;
import org.apache.spark.sql.catalyst.catalog.CatalogTableType;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalogUtils;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.apache.spark.sql.catalyst.util.CharVarcharUtils;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.JavaConverters;

/** Tables and partitions of the Data Catalog as Spark's, and Spark's as the catalog's: no I/O. */
final class Tables {
  /** Properties of a table that Spark made: as Spark's own Hive catalog writes them, so as Glue has them. */
  private static final String PROVIDER = "spark.sql.sources.provider";

  private static final String SCHEMA = "spark.sql.sources.schema";
  private static final int LONGEST_PROPERTY = 4000;

  private static final Map<String, String> SERDES =
      Map.of(
          "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe", "parquet",
          "org.apache.hadoop.hive.ql.io.orc.OrcSerde", "orc",
          "org.openx.data.jsonserde.JsonSerDe", "json",
          "org.apache.hive.hcatalog.data.JsonSerDe", "json",
          "org.apache.hadoop.hive.serde2.JsonSerDe", "json",
          "org.apache.hadoop.hive.serde2.OpenCSVSerde", "quoted",
          "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", "text");

  private Tables() {}

  static CatalogTable read(JsonNode table) {
    String name = table.path("DatabaseName").asText() + "." + table.path("Name").asText();
    Map<String, String> parameters = texts(table.path("Parameters"));
    if ("ICEBERG".equalsIgnoreCase(parameters.get("table_type"))) {
      throw new Refused(
          "Iceberg's table " + name + " by spark_catalog",
          "Name it by the catalog that --datalake-formats iceberg and its settings make: glue_catalog." + name + ".");
    }
    if (table.path("TableType").asText().equals("VIRTUAL_VIEW")) {
      throw new Refused("The view " + name + " of the Data Catalog", "Make a temporary view in the job.");
    }
    JsonNode storage = table.path("StorageDescriptor");
    Map<String, String> serde = texts(storage.path("SerdeInfo").path("Parameters"));
    String made = parameters.get(PROVIDER);
    Source source = made == null ? hive(name, storage, parameters) : new Source(made, plain(serde));
    String location = made != null && serde.containsKey("path") ? serde.get("path") : storage.path("Location").asText();
    List<String> keys = new ArrayList<>();
    table.path("PartitionKeys").forEach(key -> keys.add(key.path("Name").asText()));
    return new CatalogTable(
        identifier(table.path("DatabaseName").asText(), table.path("Name").asText()),
        table.path("TableType").asText().equals("MANAGED_TABLE")
            ? CatalogTableType.MANAGED()
            : CatalogTableType.EXTERNAL(),
        format(location, source.options),
        schema(name, table, parameters),
        Option.apply(source.provider),
        Scala.seq(keys),
        Scala.none(),
        table.path("Owner").asText(),
        (long) (table.path("CreateTime").asDouble() * 1000),
        -1,
        parameters.getOrDefault("spark.sql.create.version", ""),
        Scala.map(shown(parameters)),
        Scala.none(),
        Scala.none(),
        Option.apply(parameters.getOrDefault("comment", table.path("Description").asText(null))),
        Scala.seq(new ArrayList<String>()),
        !keys.isEmpty(),
        true,
        Scala.map(Map.of()),
        Scala.none());
  }

  static TableIdentifier identifier(String database, String name) {
    return new TableIdentifier(name, Option.apply(database));
  }

  private record Source(String provider, Map<String, String> options) {}

  /** A crawler's table, or one of Athena or Hive: its SerDe says how to read it. */
  private static Source hive(String name, JsonNode storage, Map<String, String> parameters) {
    String library = storage.path("SerdeInfo").path("SerializationLibrary").asText();
    String kind = SERDES.get(library);
    if (kind == null) {
      kind = library.isEmpty() ? Map.of("json", "json", "parquet", "parquet", "orc", "orc")
          .get(parameters.getOrDefault("classification", "").toLowerCase(Locale.ROOT)) : null;
    }
    if (kind == null) {
      throw new Refused(
          "Spark SQL over " + name + " (SerDe " + (library.isEmpty() ? "none" : library) + ")",
          "Read it by create_dynamic_frame.from_catalog(...).toDF().");
    }
    Map<String, String> options = new HashMap<>();
    // Hive's INSERT OVERWRITE replaces the partitions that it writes and no other.
    options.put("partitionOverwriteMode", "dynamic");
    Map<String, String> all = new HashMap<>(texts(storage.path("Parameters")));
    all.putAll(parameters);
    all.putAll(texts(storage.path("SerdeInfo").path("Parameters")));
    all.forEach((key, value) -> options.put(CatalogText.PREFIX + key, value));
    options.put(CatalogText.PREFIX + "kind", kind);
    return switch (kind) {
      case "json" -> new Source(CatalogJson.class.getName(), options);
      case "text", "quoted" -> new Source(CatalogText.class.getName(), options);
      default -> new Source(kind, options);
    };
  }

  private static StructType schema(String name, JsonNode table, Map<String, String> parameters) {
    Option<String> kept = CatalogTable.readLargeTableProp(Scala.map(parameters), SCHEMA);
    if (kept.isDefined()) {
      return (StructType) DataType.fromJson(kept.get());
    }
    List<StructField> fields = new ArrayList<>();
    table.path("StorageDescriptor").path("Columns").forEach(column -> fields.add(field(name, column)));
    table.path("PartitionKeys").forEach(column -> fields.add(field(name, column)));
    return CharVarcharUtils.replaceCharVarcharWithStringInSchema(
        new StructType(fields.toArray(new StructField[0])));
  }

  private static StructField field(String table, JsonNode column) {
    String type = column.path("Type").asText("string");
    try {
      DataType parsed = CatalystSqlParser$.MODULE$.parseDataType(type);
      StructField field = new StructField(column.path("Name").asText(), parsed, true, Metadata.empty());
      String comment = column.path("Comment").asText("");
      return comment.isEmpty() ? field : field.withComment(comment);
    } catch (Exception error) { // a ParseException, which Scala does not declare
      throw new IllegalArgumentException(
          "Column " + column.path("Name").asText() + " of " + table + " has type " + type + ", which Spark has not.");
    }
  }

  static CatalogTablePartition partition(CatalogTable table, JsonNode partition) {
    List<String> keys = Scala.list(table.partitionColumnNames());
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      values.put(keys.get(i), partition.path("Values").path(i).asText());
    }
    return new CatalogTablePartition(
        Scala.map(values),
        format(partition.path("StorageDescriptor").path("Location").asText(), Map.of()),
        Scala.map(texts(partition.path("Parameters"))),
        (long) (partition.path("CreationTime").asDouble() * 1000),
        -1,
        Scala.none());
  }

  /** PartitionInput: the storage descriptor is the table's own, at the partition's place. */
  static ObjectNode partitionInput(JsonNode raw, CatalogTable table, CatalogTablePartition partition) {
    ObjectNode input = GlueApi.input();
    input.set("Values", values(table, partition.spec()));
    ObjectNode storage = raw.path("StorageDescriptor").deepCopy();
    Option<URI> given = partition.storage().locationUri();
    Path place =
        given.isDefined()
            ? new Path(given.get())
            : ExternalCatalogUtils.generatePartitionPath(
                partition.spec(), table.partitionColumnNames(), new Path(table.location()));
    storage.put("Location", place.toString());
    input.set("StorageDescriptor", storage);
    input.set("Parameters", GlueApi.JSON.valueToTree(Scala.java(partition.parameters())));
    return input;
  }

  static ArrayNode values(CatalogTable table, scala.collection.immutable.Map<String, String> spec) {
    ArrayNode values = GlueApi.JSON.createArrayNode();
    Map<String, String> given = Scala.java(spec);
    for (String key : Scala.list(table.partitionColumnNames())) {
      String value = given.get(key);
      values.add(value == null ? ExternalCatalogUtils.DEFAULT_PARTITION_NAME() : value);
    }
    return values;
  }

  /** TableInput of a table that Spark makes: readable for Athena and Redshift where its format is Hive's too. */
  static ObjectNode input(CatalogTable table) {
    String provider = table.provider().get().toLowerCase(Locale.ROOT);
    boolean managed = table.tableType().equals(CatalogTableType.MANAGED());
    ObjectNode input = GlueApi.input().put("Name", table.identifier().table());
    input.put("TableType", managed ? "MANAGED_TABLE" : "EXTERNAL_TABLE");
    if (!table.owner().isEmpty()) { // the API refuses an empty one
      input.put("Owner", table.owner());
    }
    Map<String, String> parameters = new HashMap<>(Scala.java(table.properties()));
    parameters.put(PROVIDER, provider);
    parameters.put("spark.sql.create.version", table.createVersion());
    if (!managed) {
      parameters.put("EXTERNAL", "TRUE");
    }
    if (table.comment().isDefined()) {
      parameters.put("comment", table.comment().get());
    }
    parameters.putAll(schemaProperties(table.schema()));
    List<String> keys = Scala.list(table.partitionColumnNames());
    if (!keys.isEmpty()) {
      parameters.put("spark.sql.partitionProvider", "catalog");
      parameters.put(SCHEMA + ".numPartCols", String.valueOf(keys.size()));
      for (int i = 0; i < keys.size(); i++) {
        parameters.put(SCHEMA + ".partCol." + i, keys.get(i));
      }
    }
    input.set("Parameters", GlueApi.JSON.valueToTree(parameters));
    input.set("PartitionKeys", columns(table.partitionSchema()));
    String location = new Path(table.location()).toString();
    ObjectNode storage = input.putObject("StorageDescriptor").put("Location", location);
    storage.set("Columns", columns(hiveReads(provider) ? table.dataSchema() : foreign()));
    Map<String, String> serde = new HashMap<>(Scala.java(table.storage().properties()));
    serde.put("path", location);
    serde.put("serialization.format", "1");
    ObjectNode info = storage.putObject("SerdeInfo");
    info.set("Parameters", GlueApi.JSON.valueToTree(serde));
    boolean orc = provider.equals("orc");
    if (hiveReads(provider)) {
      String base = "org.apache.hadoop.hive.ql.io." + (orc ? "orc." : "parquet.");
      info.put("SerializationLibrary", base + (orc ? "OrcSerde" : "serde.ParquetHiveSerDe"));
      storage.put("InputFormat", base + (orc ? "OrcInputFormat" : "MapredParquetInputFormat"));
      storage.put("OutputFormat", base + (orc ? "OrcOutputFormat" : "MapredParquetOutputFormat"));
    } else {
      info.put("SerializationLibrary", "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe");
      storage.put("InputFormat", "org.apache.hadoop.mapred.SequenceFileInputFormat");
      storage.put("OutputFormat", "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat");
    }
    return input;
  }

  /** The table at {@code place}. */
  static CatalogTable at(CatalogTable t, Path place) {
    CatalogStorageFormat s = t.storage();
    return with(
        t,
        t.provider(),
        new CatalogStorageFormat(
            Option.apply(place.toUri()), s.inputFormat(), s.outputFormat(), s.serde(), s.compressed(), s.properties()));
  }

  static CatalogTable with(CatalogTable t, Option<String> provider, CatalogStorageFormat storage) {
    return t.copy(
        t.identifier(), t.tableType(), storage, t.schema(), provider, t.partitionColumnNames(),
        t.bucketSpec(), t.owner(), t.createTime(), t.lastAccessTime(), t.createVersion(), t.properties(), t.stats(),
        t.viewText(), t.comment(), t.unsupportedFeatures(), t.tracksPartitionsInCatalog(), t.schemaPreservesCase(),
        t.ignoredProperties(), t.viewOriginalText());
  }

  /** The parameters that keep a schema as Spark's JSON, in parts where it is long. */
  static Map<String, String> schemaProperties(StructType schema) {
    Map<String, String> properties = new HashMap<>();
    CatalogTable.splitLargeTableProp(
        SCHEMA,
        schema.json(),
        (key, value) -> {
          properties.put(key, value);
          return scala.runtime.BoxedUnit.UNIT;
        },
        LONGEST_PROPERTY);
    return properties;
  }

  static boolean madeBySpark(JsonNode raw) {
    return raw.path("Parameters").has(PROVIDER);
  }

  static boolean isInternal(String property) {
    return property.startsWith("spark.sql.");
  }

  private static boolean hiveReads(String provider) {
    return provider.equals("parquet") || provider.equals("orc");
  }

  /** What Spark writes for a table that Hive cannot read. */
  private static StructType foreign() {
    return new StructType().add("col", "array<string>", true, "from deserializer");
  }

  static ArrayNode columns(StructType schema) {
    ArrayNode columns = GlueApi.JSON.createArrayNode();
    for (StructField field : CharVarcharUtils.getRawSchema(schema).fields()) {
      ObjectNode column = columns.addObject().put("Name", field.name().toLowerCase(Locale.ROOT));
      column.put("Type", field.dataType().catalogString());
      if (field.getComment().isDefined()) {
        column.put("Comment", field.getComment().get());
      }
    }
    return columns;
  }

  private static CatalogStorageFormat format(String location, Map<String, String> options) {
    Option<URI> place = location.isEmpty() ? Scala.none() : Option.apply(new Path(location).toUri());
    return new CatalogStorageFormat(place, Scala.none(), Scala.none(), Scala.none(), false, Scala.map(options));
  }

  private static Map<String, String> plain(Map<String, String> serde) {
    Map<String, String> options = new HashMap<>(serde);
    options.remove("path");
    options.remove("serialization.format");
    return options;
  }

  private static Map<String, String> shown(Map<String, String> parameters) {
    Map<String, String> shown = new HashMap<>(parameters);
    shown.keySet().removeIf(Tables::isInternal);
    return shown;
  }

  static Map<String, String> texts(JsonNode node) {
    Map<String, String> texts = new HashMap<>();
    node.fields().forEachRemaining(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
    return texts;
  }

  static List<String> matching(List<String> names, String pattern) {
    return Scala.list(
        org.apache.spark.sql.catalyst.util.StringUtils.filterPattern(
            JavaConverters.asScalaBufferConverter(names).asScala(), pattern));
  }
}
