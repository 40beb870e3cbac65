package lakeshift.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.analysis.DatabaseAlreadyExistsException;
import org.apache.spark.sql.catalyst.analysis.NoSuchDatabaseException;
import org.apache.spark.sql.catalyst.analysis.NoSuchFunctionException;
import org.apache.spark.sql.catalyst.analysis.NoSuchPartitionException;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.catalyst.catalog.CatalogDatabase;
import org.apache.spark.sql.catalyst.catalog.CatalogFunction;
import org.apache.spark.sql.catalyst.catalog.CatalogStatistics;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.catalyst.catalog.CatalogTablePartition;
import org.apache.spark.sql.catalyst.catalog.CatalogTableType;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalog;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalogUtils;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.Seq;

/** Spark's catalog, kept in the Glue Data Catalog. What cannot be done there as Glue does it is refused by name. */
final class GlueCatalog implements ExternalCatalog {
  private static final Set<String> NOT_INPUT =
      Set.of("DatabaseName", "CreateTime", "UpdateTime", "CreatedBy", "IsRegisteredWithLakeFormation", "CatalogId",
          "VersionId", "FederatedTable", "IsMultiDialectView", "Status");
  private static final int MOST_CREATED = 100;
  private static final int MOST_DELETED = 25;

  private final GlueApi api;
  private final Configuration storage;
  private final String warehouse;

  /** {@code warehouse} is the run's own folder, where nothing can be kept. */
  GlueCatalog(GlueApi api, Configuration storage, String warehouse) {
    this.api = api;
    this.storage = storage;
    this.warehouse = warehouse;
    if (!databaseExists("default")) { // as Glue's own client does
      createDatabase(new CatalogDatabase("default", "default database", URI.create(""), Scala.map(Map.of())), true);
    }
  }

  // Databases

  private static ObjectNode named(String database) {
    return GlueApi.input().put("Name", database);
  }

  @Override
  public void createDatabase(CatalogDatabase database, boolean ignoreIfExists) {
    ObjectNode input = GlueApi.input();
    ObjectNode facts = input.putObject("DatabaseInput").put("Name", database.name());
    facts.put("Description", database.description());
    String place = database.locationUri().toString();
    // Without LOCATION it is a folder of this run's own disk, which means nothing to anybody else.
    if (isS3(database.locationUri())) {
      facts.put("LocationUri", place);
    }
    facts.set("Parameters", GlueApi.JSON.valueToTree(Scala.java(database.properties())));
    try {
      api.call("CreateDatabase", input);
    } catch (GlueApi.ServiceError error) {
      if (!error.code.equals("AlreadyExistsException")) {
        throw error;
      }
      if (!ignoreIfExists) {
        throw sneaky(new DatabaseAlreadyExistsException(database.name()));
      }
    }
  }

  @Override
  public void dropDatabase(String database, boolean ignoreIfNotExists, boolean cascade) {
    if (!databaseExists(database)) {
      if (ignoreIfNotExists) {
        return;
      }
      throw sneaky(new NoSuchDatabaseException(database));
    }
    if (!cascade && !tableNames(database).isEmpty()) {
      throw new IllegalArgumentException(
          "Database " + database + " is not empty: drop its tables first, or say CASCADE.");
    }
    if (cascade) {
      tableNames(database).forEach(table -> dropTable(database, table, true, false));
    }
    api.call("DeleteDatabase", named(database));
  }

  @Override
  public void alterDatabase(CatalogDatabase database) {
    throw new Refused("ALTER DATABASE", "Use the API (UpdateDatabase).");
  }

  @Override
  public CatalogDatabase getDatabase(String database) {
    JsonNode found = api.find("GetDatabase", named(database));
    if (found == null) {
      throw sneaky(new NoSuchDatabaseException(database));
    }
    JsonNode facts = found.path("Database");
    String place = facts.path("LocationUri").asText("");
    return new CatalogDatabase(
        database,
        facts.path("Description").asText(""),
        // One that Spark can build a table's path on; createTable says what is missing.
        place.isEmpty() ? new Path(warehouse, database).toUri() : URI.create(place),
        Scala.map(Tables.texts(facts.path("Parameters"))));
  }

  @Override
  public boolean databaseExists(String database) {
    return api.find("GetDatabase", named(database)) != null;
  }

  private List<String> databases() {
    List<String> names = new ArrayList<>();
    api.all("GetDatabases", GlueApi.input(), "DatabaseList").forEach(d -> names.add(d.path("Name").asText()));
    return names;
  }

  @Override
  public Seq<String> listDatabases() {
    return Scala.seq(databases());
  }

  @Override
  public Seq<String> listDatabases(String pattern) {
    return Scala.seq(Tables.matching(databases(), pattern));
  }

  @Override
  public void setCurrentDatabase(String database) {
    // The session remembers it.
  }

  // Tables

  private static ObjectNode of(String database, String table) {
    return GlueApi.input().put("DatabaseName", database).put("TableName", table);
  }

  private JsonNode raw(String database, String table) {
    JsonNode found = api.find("GetTable", GlueApi.input().put("DatabaseName", database).put("Name", table));
    if (found == null) {
      throw sneaky(new NoSuchTableException(database, table));
    }
    return found.path("Table");
  }

  private List<String> tableNames(String database) {
    if (!databaseExists(database)) {
      throw sneaky(new NoSuchDatabaseException(database));
    }
    List<String> names = new ArrayList<>();
    ObjectNode input = GlueApi.input().put("DatabaseName", database);
    api.all("GetTables", input, "TableList").forEach(table -> names.add(table.path("Name").asText()));
    return names;
  }

  @Override
  public void createTable(CatalogTable given, boolean ignoreIfExists) {
    String database = given.identifier().database().get();
    CatalogTable table =
        given.storage().locationUri().isDefined() || given.tableType().equals(CatalogTableType.VIEW())
            ? given
            : Tables.at(given, new Path(new Path(getDatabase(database).locationUri()), given.identifier().table()));
    String name = database + "." + table.identifier().table();
    if (table.tableType().equals(CatalogTableType.VIEW())) {
      throw new Refused("CREATE VIEW " + name + " in the Data Catalog", "Use CREATE TEMPORARY VIEW.");
    }
    if (table.bucketSpec().isDefined()) {
      throw new Refused("CLUSTERED BY / bucketBy of " + name, "Write without buckets.");
    }
    if (!isS3(table.location())) {
      throw new IllegalArgumentException(
          "Table " + name + " has no place in S3: give LOCATION 's3://...', or its database a LocationUri.");
    }
    ObjectNode input = GlueApi.input().put("DatabaseName", database);
    input.set("TableInput", Tables.input(table));
    try {
      api.call("CreateTable", input);
    } catch (GlueApi.ServiceError error) {
      if (!error.code.equals("AlreadyExistsException")) {
        throw error;
      }
      if (!ignoreIfExists) {
        throw sneaky(new TableAlreadyExistsException(database, table.identifier().table()));
      }
    }
  }

  @Override
  public void dropTable(String database, String table, boolean ignoreIfNotExists, boolean purge) {
    if (!tableExists(database, table)) {
      if (ignoreIfNotExists) {
        return;
      }
      throw sneaky(new NoSuchTableException(database, table));
    }
    JsonNode raw = raw(database, table);
    api.call("DeleteTable", GlueApi.input().put("DatabaseName", database).put("Name", table));
    if (raw.path("TableType").asText().equals("MANAGED_TABLE")) {
      delete(raw.path("StorageDescriptor").path("Location").asText());
    }
  }

  @Override
  public void renameTable(String database, String from, String to) {
    throw new Refused("ALTER TABLE ... RENAME", "Glue has no operation for it: make a new table.");
  }

  @Override
  public void alterTable(CatalogTable table) {
    String database = table.identifier().database().get();
    ObjectNode input = update(raw(database, table.identifier().table()));
    ObjectNode parameters = GlueApi.input();
    input.path("Parameters").fields().forEachRemaining(entry -> {
      if (Tables.isInternal(entry.getKey())) {
        parameters.set(entry.getKey(), entry.getValue());
      }
    });
    Scala.java(table.properties()).forEach(parameters::put);
    input.set("Parameters", parameters);
    ObjectNode descriptor = (ObjectNode) input.path("StorageDescriptor");
    String place = new Path(table.location()).toString();
    descriptor.put("Location", place);
    if (descriptor.path("SerdeInfo").path("Parameters").has("path")) {
      ((ObjectNode) descriptor.path("SerdeInfo").path("Parameters")).put("path", place);
    }
    save(database, input);
  }

  @Override
  public void alterTableDataSchema(String database, String table, StructType schema) {
    JsonNode raw = raw(database, table);
    CatalogTable known = Tables.read(raw);
    ObjectNode input = update(raw);
    ((ObjectNode) input.path("StorageDescriptor")).set("Columns", Tables.columns(schema));
    if (Tables.madeBySpark(raw)) {
      StructType whole = new StructType(concat(schema, known.partitionSchema()));
      ObjectNode parameters = (ObjectNode) input.path("Parameters");
      List<String> old = new ArrayList<>();
      parameters.fieldNames().forEachRemaining(old::add);
      old.removeIf(n -> !n.equals("spark.sql.sources.schema") && !n.startsWith("spark.sql.sources.schema.part.")
          && !n.equals("spark.sql.sources.schema.numParts"));
      parameters.remove(old);
      Tables.schemaProperties(whole).forEach(parameters::put);
    }
    save(database, input);
  }

  private static org.apache.spark.sql.types.StructField[] concat(StructType first, StructType second) {
    List<org.apache.spark.sql.types.StructField> fields = new ArrayList<>(List.of(first.fields()));
    fields.addAll(List.of(second.fields()));
    return fields.toArray(new org.apache.spark.sql.types.StructField[0]);
  }

  private static ObjectNode update(JsonNode raw) {
    ObjectNode input = raw.deepCopy();
    input.remove(NOT_INPUT);
    return input;
  }

  private void save(String database, ObjectNode table) {
    ObjectNode input = GlueApi.input().put("DatabaseName", database);
    input.set("TableInput", table);
    api.call("UpdateTable", input);
  }

  @Override
  public void alterTableStats(String database, String table, Option<CatalogStatistics> stats) {
    throw new Refused("ANALYZE TABLE", "Leave it out: joins are planned by the files' sizes.");
  }

  @Override
  public CatalogTable getTable(String database, String table) {
    return Tables.read(raw(database, table));
  }

  @Override
  public Seq<CatalogTable> getTablesByName(String database, Seq<String> tables) {
    List<CatalogTable> found = new ArrayList<>();
    for (String table : Scala.list(tables)) {
      if (tableExists(database, table)) {
        found.add(getTable(database, table));
      }
    }
    return Scala.seq(found);
  }

  @Override
  public boolean tableExists(String database, String table) {
    return api.find("GetTable", GlueApi.input().put("DatabaseName", database).put("Name", table)) != null;
  }

  @Override
  public Seq<String> listTables(String database) {
    return Scala.seq(tableNames(database));
  }

  @Override
  public Seq<String> listTables(String database, String pattern) {
    return Scala.seq(Tables.matching(tableNames(database), pattern));
  }

  @Override
  public Seq<String> listViews(String database, String pattern) {
    return Scala.seq(new ArrayList<>()); // one cannot be made here, nor read
  }

  @Override
  public void loadTable(String database, String table, String path, boolean overwrite, boolean local) {
    throw new Refused("LOAD DATA", "Use INSERT INTO.");
  }

  @Override
  public void loadPartition(
      String database, String table, String path, scala.collection.immutable.Map<String, String> partition,
      boolean overwrite, boolean inherit, boolean local) {
    throw new Refused("LOAD DATA", "Use INSERT INTO.");
  }

  @Override
  public void loadDynamicPartitions(
      String database, String table, String path, scala.collection.immutable.Map<String, String> partition,
      boolean replace, int number) {
    throw new Refused("LOAD DATA", "Use INSERT INTO.");
  }

  // Partitions

  @Override
  public void createPartitions(
      String database, String table, Seq<CatalogTablePartition> partitions, boolean ignoreIfExists) {
    JsonNode raw = raw(database, table);
    CatalogTable known = Tables.read(raw);
    List<ObjectNode> inputs = new ArrayList<>();
    for (CatalogTablePartition partition : Scala.list(partitions)) {
      if (!ignoreIfExists || getPartitionOption(database, table, partition.spec()).isEmpty()) {
        inputs.add(Tables.partitionInput(raw, known, partition));
      }
    }
    api.batch("BatchCreatePartition", of(database, table), "PartitionInputList", inputs, MOST_CREATED);
  }

  @Override
  public void dropPartitions(
      String database, String table, Seq<scala.collection.immutable.Map<String, String>> specs,
      boolean ignoreIfNotExists, boolean purge, boolean retainData) {
    CatalogTable known = getTable(database, table);
    List<ObjectNode> values = new ArrayList<>();
    List<String> places = new ArrayList<>();
    for (scala.collection.immutable.Map<String, String> spec : Scala.list(specs)) {
      Option<CatalogTablePartition> found = getPartitionOption(database, table, spec);
      if (found.isEmpty() && !ignoreIfNotExists) {
        throw sneaky(new NoSuchPartitionException(database, table, spec));
      }
      if (found.isDefined()) {
        ObjectNode entry = GlueApi.input();
        entry.set("Values", Tables.values(known, spec));
        values.add(entry);
        places.add(found.get().location().toString());
      }
    }
    api.batch("BatchDeletePartition", of(database, table), "PartitionsToDelete", values, MOST_DELETED);
    if (known.tableType().equals(CatalogTableType.MANAGED()) && !retainData) {
      places.forEach(this::delete);
    }
  }

  @Override
  public void renamePartitions(
      String database, String table, Seq<scala.collection.immutable.Map<String, String>> from,
      Seq<scala.collection.immutable.Map<String, String>> to) {
    throw new Refused("ALTER TABLE ... PARTITION ... RENAME", "Add the new partition and drop the old one.");
  }

  @Override
  public void alterPartitions(String database, String table, Seq<CatalogTablePartition> partitions) {
    JsonNode raw = raw(database, table);
    CatalogTable known = Tables.read(raw);
    for (CatalogTablePartition partition : Scala.list(partitions)) {
      ObjectNode input = of(database, table);
      input.set("PartitionValueList", Tables.values(known, partition.spec()));
      input.set("PartitionInput", Tables.partitionInput(raw, known, partition));
      api.call("UpdatePartition", input);
    }
  }

  @Override
  public CatalogTablePartition getPartition(
      String database, String table, scala.collection.immutable.Map<String, String> spec) {
    Option<CatalogTablePartition> found = getPartitionOption(database, table, spec);
    if (found.isEmpty()) {
      throw sneaky(new NoSuchPartitionException(database, table, spec));
    }
    return found.get();
  }

  @Override
  public Option<CatalogTablePartition> getPartitionOption(
      String database, String table, scala.collection.immutable.Map<String, String> spec) {
    CatalogTable known = getTable(database, table);
    ObjectNode input = of(database, table);
    input.set("PartitionValues", Tables.values(known, spec));
    JsonNode found = api.find("GetPartition", input);
    return found == null ? Scala.none() : Option.apply(Tables.partition(known, found.path("Partition")));
  }

  private List<CatalogTablePartition> partitions(
      CatalogTable table, Option<scala.collection.immutable.Map<String, String>> spec) {
    Map<String, String> wanted = spec.isDefined() ? Scala.java(spec.get()) : Map.of();
    List<CatalogTablePartition> found = new ArrayList<>();
    for (JsonNode node : api.all("GetPartitions", of(table.database(), table.identifier().table()), "Partitions")) {
      CatalogTablePartition partition = Tables.partition(table, node);
      if (Scala.java(partition.spec()).entrySet().containsAll(wanted.entrySet())) {
        found.add(partition);
      }
    }
    return found;
  }

  @Override
  public Seq<String> listPartitionNames(
      String database, String table, Option<scala.collection.immutable.Map<String, String>> spec) {
    CatalogTable known = getTable(database, table);
    List<String> names = new ArrayList<>();
    for (CatalogTablePartition partition : partitions(known, spec)) {
      Map<String, String> values = Scala.java(partition.spec());
      List<String> parts = new ArrayList<>();
      for (String key : Scala.list(known.partitionColumnNames())) {
        parts.add(ExternalCatalogUtils.getPartitionPathString(key, values.get(key)));
      }
      names.add(String.join("/", parts));
    }
    names.sort(null);
    return Scala.seq(names);
  }

  @Override
  public Seq<CatalogTablePartition> listPartitions(
      String database, String table, Option<scala.collection.immutable.Map<String, String>> spec) {
    return Scala.seq(partitions(getTable(database, table), spec));
  }

  @Override
  public Seq<CatalogTablePartition> listPartitionsByFilter(
      String database, String table, Seq<Expression> predicates, String zone) {
    CatalogTable known = getTable(database, table);
    return ExternalCatalogUtils.prunePartitionsByFilter(
        known, Scala.seq(partitions(known, Scala.none())), predicates, zone);
  }

  // Functions: temporary ones are the session's; the Data Catalog's would need their jars.

  @Override
  public void createFunction(String database, CatalogFunction function) {
    throw new Refused("CREATE FUNCTION in the Data Catalog", "Use CREATE TEMPORARY FUNCTION or spark.udf.register.");
  }

  @Override
  public void dropFunction(String database, String name) {
    throw sneaky(new NoSuchFunctionException(database, name));
  }

  @Override
  public void alterFunction(String database, CatalogFunction function) {
    throw new Refused("ALTER FUNCTION in the Data Catalog", "Use a temporary function.");
  }

  @Override
  public void renameFunction(String database, String from, String to) {
    throw new Refused("A renamed function in the Data Catalog", "Use a temporary function.");
  }

  @Override
  public CatalogFunction getFunction(String database, String name) {
    throw sneaky(new NoSuchFunctionException(database, name));
  }

  @Override
  public boolean functionExists(String database, String name) {
    return false;
  }

  @Override
  public Seq<String> listFunctions(String database, String pattern) {
    return Scala.seq(new ArrayList<>());
  }

  private void delete(String place) {
    try {
      Path path = new Path(place);
      path.getFileSystem(storage).delete(path, true);
    } catch (IOException error) {
      throw new IllegalStateException("The files at " + place + " cannot be deleted: " + error.getMessage(), error);
    }
  }

  private static boolean isS3(URI place) {
    return place.getScheme() != null && Set.of("s3", "s3a", "s3n").contains(place.getScheme());
  }

  /** Spark's analysis errors are checked ones to Java, though Scala's interface declares none. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException sneaky(Throwable error) throws E {
    throw (E) error;
  }
}
