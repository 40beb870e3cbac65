package lakeshift.catalog;

import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.Text;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.EvalMode$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection$;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.execution.datasources.csv.CSVFileFormat;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.apache.spark.util.SerializableConfiguration;
import scala.Function1;
import scala.Option;
import scala.collection.Iterator;
import scala.collection.Seq;
import scala.reflect.ClassTag$;

/**
 * Lines of fields by position, as Hive's LazySimpleSerDe (no quotes, {@code \N} for null) and OpenCSVSerde (quotes)
 * read them; a field that is no value of its column's type is null.
 * https://docs.aws.amazon.com/athena/latest/ug/lazy-simple-serde.html and csv-serde.html
 */
public final class CatalogText extends CSVFileFormat {
  /** Before the names of the table's and its SerDe's parameters, so that none is taken for an option of Spark's. */
  static final String PREFIX = "glue.";

  private static final long serialVersionUID = 1;

  @Override
  public boolean isSplitable(
      SparkSession session, scala.collection.immutable.Map<String, String> options, org.apache.hadoop.fs.Path path) {
    return super.isSplitable(session, Scala.map(Map.of()), path);
  }

  @Override
  public OutputWriterFactory prepareWrite(
      SparkSession session, org.apache.hadoop.mapreduce.Job job,
      scala.collection.immutable.Map<String, String> options, StructType schema) {
    throw new Refused("INSERT into a table of text lines", "Write Parquet, or use a DynamicFrame's sink.");
  }

  @Override
  public Function1<PartitionedFile, Iterator<InternalRow>> buildReader(
      SparkSession session, StructType data, StructType partitions, StructType required, Seq<Filter> filters,
      scala.collection.immutable.Map<String, String> options, Configuration configuration) {
    Map<String, String> given = Scala.java(options);
    int header = Integer.parseInt(given.getOrDefault(PREFIX + "skip.header.line.count", "0"));
    int[] places = new int[required.length()];
    for (int i = 0; i < places.length; i++) {
      StructField field = required.fields()[i];
      if (field.dataType() instanceof StructType
          || field.dataType() instanceof ArrayType || field.dataType() instanceof MapType) {
        throw new Refused("Column " + field.name() + " of a nested type in a table of text lines",
            "Leave it out of the query, or read the files with create_dynamic_frame.");
      }
      places[i] = data.fieldIndex(field.name());
    }
    String zone = session.sessionState().conf().sessionLocalTimeZone();
    boolean quoted = given.getOrDefault(PREFIX + "kind", "text").equals("quoted");
    Dialect dialect = quoted ? Dialect.quoted(given) : Dialect.simple(given);
    return new Lines(broadcast(session, configuration), header, new Reader(required, places, zone, dialect));
  }

  static Broadcast<SerializableConfiguration> broadcast(SparkSession session, Configuration configuration) {
    return session
        .sparkContext()
        .broadcast(
            new SerializableConfiguration(configuration), ClassTag$.MODULE$.apply(SerializableConfiguration.class));
  }

  private record Dialect(char separator, char quote, char escape, String nullText) implements Serializable {
    static Dialect simple(Map<String, String> given) {
      String separator = given.getOrDefault(
          PREFIX + "field.delim", given.getOrDefault(PREFIX + "serialization.format", "\u0001"));
      return new Dialect(
          character(separator), '\0', character(given.getOrDefault(PREFIX + "escape.delim", "\0")),
          given.getOrDefault(PREFIX + "serialization.null.format", "\\N"));
    }

    static Dialect quoted(Map<String, String> given) {
      return new Dialect(
          character(given.getOrDefault(PREFIX + "separatorchar", given.getOrDefault(PREFIX + "separatorChar", ","))),
          character(given.getOrDefault(PREFIX + "quotechar", given.getOrDefault(PREFIX + "quoteChar", "\""))),
          character(given.getOrDefault(PREFIX + "escapechar", given.getOrDefault(PREFIX + "escapeChar", "\\"))),
          null);
    }

    /** Hive takes a number for the character of that code. */
    private static char character(String text) {
      if (text.length() > 1 && text.chars().allMatch(Character::isDigit)) {
        return (char) Integer.parseInt(text);
      }
      return text.equals("1") ? '\u0001' : text.charAt(0);
    }

    /** The fields of a line without quotes; null where quotes are to be looked at. */
    List<String> fields(String line) {
      return quote == '\0' ? split(line) : null;
    }

    private List<String> split(String line) {
      List<String> fields = new ArrayList<>();
      StringBuilder field = new StringBuilder();
      for (int i = 0; i < line.length(); i++) {
        char c = line.charAt(i);
        if (escape != '\0' && c == escape && i + 1 < line.length()) {
          field.append(line.charAt(++i));
        } else if (c == separator) {
          fields.add(field.toString());
          field.setLength(0);
        } else {
          field.append(c);
        }
      }
      fields.add(field.toString());
      return fields;
    }

    CsvParser quotes() {
      CsvParserSettings settings = new CsvParserSettings();
      settings.getFormat().setDelimiter(separator);
      settings.getFormat().setQuote(quote);
      settings.getFormat().setQuoteEscape(escape == '\\' ? '\\' : quote);
      settings.getFormat().setComment('\0');
      settings.setNullValue("");
      settings.setEmptyValue("");
      settings.setIgnoreLeadingWhitespaces(false);
      settings.setIgnoreTrailingWhitespaces(false);
      settings.setMaxCharsPerColumn(-1);
      settings.setMaxColumns(20_480);
      return new CsvParser(settings);
    }
  }

  private record Reader(StructType schema, int[] places, String zone, Dialect dialect)
      implements Lines.Format, Serializable {
    @Override
    public Lines.Parser parser() {
      List<Expression> casts = new ArrayList<>();
      for (int i = 0; i < places.length; i++) {
        Expression text = new BoundReference(i, DataTypes.StringType, true);
        casts.add(new Cast(text, schema.fields()[i].dataType(), Option.apply(zone), EvalMode$.MODULE$.LEGACY()));
      }
      UnsafeProjection projection = UnsafeProjection$.MODULE$.create(Scala.seq(casts));
      CsvParser quotes = dialect.quote() == '\0' ? null : dialect.quotes();
      return line -> List.of(projection.apply(row(text(line), quotes)));
    }

    private InternalRow row(String line, CsvParser quotes) {
      List<String> fields = dialect.fields(line);
      if (fields == null) {
        String[] parsed = quotes.parseLine(line);
        fields = parsed == null ? List.of("") : List.of(parsed);
      }
      Object[] values = new Object[places.length];
      for (int i = 0; i < places.length; i++) {
        String value = places[i] < fields.size() ? fields.get(places[i]) : null;
        values[i] = value == null || value.equals(dialect.nullText()) ? null : UTF8String.fromString(value);
      }
      return new GenericInternalRow(values);
    }

    private static String text(Text line) {
      return new String(line.getBytes(), 0, line.getLength(), StandardCharsets.UTF_8);
    }
  }
}
