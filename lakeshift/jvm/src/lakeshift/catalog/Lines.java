package lakeshift.catalog;

import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.io.Text;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.HadoopFileLinesReader;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.util.TaskCompletionListener;
import org.apache.spark.util.SerializableConfiguration;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** The rows of one part of a file of lines; runs in the tasks. */
final class Lines extends AbstractFunction1<PartitionedFile, Iterator<InternalRow>> implements Serializable {
  private static final long serialVersionUID = 1;

  /** Makes a parser for each part of a file: parsers keep buffers. */
  interface Format {
    Parser parser();
  }

  /** Rows of one line. */
  interface Parser {
    List<InternalRow> parse(Text line);
  }

  private final Broadcast<SerializableConfiguration> configuration;
  private final int header;
  private final Format format;

  Lines(Broadcast<SerializableConfiguration> configuration, int header, Format format) {
    this.configuration = configuration;
    this.header = header;
    this.format = format;
  }

  @Override
  public Iterator<InternalRow> apply(PartitionedFile file) {
    HadoopFileLinesReader lines = new HadoopFileLinesReader(file, configuration.value().value());
    TaskContext task = TaskContext.get();
    if (task != null) {
      TaskCompletionListener closing = context -> lines.close();
      task.addTaskCompletionListener(closing);
    }
    for (int i = 0; i < header && file.start() == 0 && lines.hasNext(); i++) {
      lines.next();
    }
    Parser parser = format.parser();
    return new Rows(lines, parser);
  }

  private static final class Rows extends scala.collection.AbstractIterator<InternalRow> {
    private final HadoopFileLinesReader lines;
    private final Parser parser;
    private java.util.Iterator<InternalRow> rows = java.util.Collections.emptyIterator();

    Rows(HadoopFileLinesReader lines, Parser parser) {
      this.lines = lines;
      this.parser = parser;
    }

    @Override
    public boolean hasNext() {
      while (!rows.hasNext() && lines.hasNext()) {
        rows = parser.parse(lines.next()).iterator();
      }
      return rows.hasNext();
    }

    @Override
    public InternalRow next() {
      hasNext();
      return rows.next();
    }
  }
}
