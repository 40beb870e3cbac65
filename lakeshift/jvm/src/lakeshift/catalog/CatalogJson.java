package lakeshift.catalog;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.Text;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.json.JSONOptions;
import org.apache.spark.sql.catalyst.json.JacksonParser;
import org.apache.spark.sql.catalyst.util.BadRecordException;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.execution.datasources.json.JsonFileFormat;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.Function1;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * JSON lines as the SerDe of a crawled table reads them: names in any case, a line that is no object of the table's
 * types ends the query unless the table says {@code ignore.malformed.json}.
 * https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html
 */
public final class CatalogJson extends JsonFileFormat {
  private static final long serialVersionUID = 1;

  @Override
  public OutputWriterFactory prepareWrite(
      SparkSession session, org.apache.hadoop.mapreduce.Job job,
      scala.collection.immutable.Map<String, String> options, StructType schema) {
    return super.prepareWrite(session, job, Scala.map(java.util.Map.of()), schema);
  }

  @Override
  public Function1<PartitionedFile, Iterator<InternalRow>> buildReader(
      SparkSession session, StructType data, StructType partitions, StructType required, Seq<Filter> filters,
      scala.collection.immutable.Map<String, String> options, Configuration configuration) {
    String ignored = Scala.java(options).getOrDefault(CatalogText.PREFIX + "ignore.malformed.json", "false");
    String zone = session.sessionState().conf().sessionLocalTimeZone();
    return new Lines(
        CatalogText.broadcast(session, configuration),
        0,
        new Reader((StructType) lowered(required), zone, Boolean.parseBoolean(ignored)));
  }

  private static DataType lowered(DataType type) {
    if (type instanceof StructType struct) {
      List<StructField> fields = new ArrayList<>();
      for (StructField field : struct.fields()) {
        String name = field.name().toLowerCase(Locale.ROOT);
        fields.add(new StructField(name, lowered(field.dataType()), field.nullable(), field.metadata()));
      }
      return new StructType(fields.toArray(new StructField[0]));
    }
    if (type instanceof ArrayType array) {
      return new ArrayType(lowered(array.elementType()), array.containsNull());
    }
    if (type instanceof MapType map) {
      return new MapType(map.keyType(), lowered(map.valueType()), map.valueContainsNull());
    }
    return type;
  }

  private static final class LowerNames extends JsonParserDelegate {
    LowerNames(JsonParser parser) {
      super(parser);
    }

    @Override
    public String getCurrentName() throws IOException {
      String name = delegate.getCurrentName();
      return name == null ? null : name.toLowerCase(Locale.ROOT);
    }

    @Override
    public String currentName() throws IOException {
      return getCurrentName();
    }
  }

  private record Reader(StructType schema, String zone, boolean ignore) implements Lines.Format, Serializable {
    @Override
    public Lines.Parser parser() {
      JSONOptions options = new JSONOptions(Scala.map(java.util.Map.of()), zone, "");
      JacksonParser parser = new JacksonParser(schema, options, false, Scala.seq(new ArrayList<>()));
      return line -> rows(parser, line);
    }

    private List<InternalRow> rows(JacksonParser parser, Text line) {
      try {
        return new ArrayList<>(JavaConverters.asJavaCollectionConverter(parser.parse(line, Reader::json, Reader::text))
            .asJavaCollection());
      } catch (Exception error) {
        if (!(error instanceof BadRecordException)) { // Scala declares no checked exception
          throw error;
        }
        if (ignore) {
          return List.of(new GenericInternalRow(schema.length()));
        }
        throw new IllegalArgumentException(
            "Row is not a valid JSON Object of the table's types: " + line + " (" + error.getCause() + ")", error);
      }
    }

    private static JsonParser json(JsonFactory factory, Text line) {
      try {
        return new LowerNames(factory.createParser(line.getBytes(), 0, line.getLength()));
      } catch (IOException error) {
        throw new java.io.UncheckedIOException(error);
      }
    }

    private static UTF8String text(Text line) {
      return UTF8String.fromBytes(line.getBytes(), 0, line.getLength());
    }
  }
}
