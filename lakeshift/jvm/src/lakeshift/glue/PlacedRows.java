package lakeshift.glue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.util.ArrowUtils;
import org.apache.spark.sql.vectorized.ArrowColumnVector;
import org.apache.spark.unsafe.types.CalendarInterval;
import org.apache.spark.unsafe.types.UTF8String;

/** One partition of {@link HeldRows}: rows in step with the rows of Arrow streams, and of both the places asked for. */
final class PlacedRows implements Iterator<InternalRow> {
  private final Iterator<InternalRow> rows;
  private final Iterator<InternalRow> streams;
  private final View view;
  private final BufferAllocator memory;
  private ArrowStreamReader reader;
  private int size;

  /**
   * @param streams rows of one binary column; null where no place is in them
   * @param places where the cells of a row are: below {@code own} in the held row, else in the streams' columns
   */
  PlacedRows(Iterator<InternalRow> rows, Iterator<InternalRow> streams, int[] places, int own) {
    this.rows = rows;
    this.streams = streams;
    this.view = new View(places, own);
    if (streams == null) {
      memory = null;
    } else {
      memory = ArrowUtils.rootAllocator().newChildAllocator("results of a row function", 0, Long.MAX_VALUE);
      TaskContext.get().addTaskCompletionListener((org.apache.spark.util.TaskCompletionListener) done -> close());
    }
  }

  @Override
  public boolean hasNext() {
    boolean more = rows.hasNext();
    if (!more && streams != null && (view.at + 1 < size || streams.hasNext())) {
      throw new IllegalStateException("A row function gave more results than there are rows.");
    }
    return more;
  }

  @Override
  public InternalRow next() {
    view.row = rows.next();
    if (streams != null && ++view.at >= size) {
      load();
    }
    return view;
  }

  private void load() {
    try {
      do {
        closeReader();
        if (!streams.hasNext()) {
          throw new IllegalStateException("A row function gave fewer results than there are rows.");
        }
        reader = new ArrowStreamReader(new ByteArrayInputStream(streams.next().getBinary(0)), memory);
        size = reader.loadNextBatch() ? reader.getVectorSchemaRoot().getRowCount() : 0;
      } while (size == 0);
      List<FieldVector> found = reader.getVectorSchemaRoot().getFieldVectors();
      view.columns = new ArrowColumnVector[found.size()];
      for (int i = 0; i < view.columns.length; i++) {
        view.columns[i] = new ArrowColumnVector(found.get(i));
      }
      view.at = 0;
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private void closeReader() throws IOException {
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }

  private void close() {
    try {
      closeReader();
      memory.close();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  /** The current row; its cells are good until the next one, as those of all of Spark's scans. */
  private static final class View extends InternalRow {
    private static final long serialVersionUID = 1L;
    private final int[] places;
    private final int own;
    private InternalRow row;
    private ArrowColumnVector[] columns;
    private int at = -1;

    View(int[] places, int own) {
      this.places = places;
      this.own = own;
    }

    @Override
    public int numFields() {
      return places.length;
    }

    @Override
    public boolean isNullAt(int i) {
      int place = places[i];
      return place < own ? row.isNullAt(place) : columns[place - own].isNullAt(at);
    }

    @Override
    public boolean getBoolean(int i) {
      int place = places[i];
      return place < own ? row.getBoolean(place) : columns[place - own].getBoolean(at);
    }

    @Override
    public byte getByte(int i) {
      int place = places[i];
      return place < own ? row.getByte(place) : columns[place - own].getByte(at);
    }

    @Override
    public short getShort(int i) {
      return row.getShort(held(i));
    }

    @Override
    public int getInt(int i) {
      return row.getInt(held(i));
    }

    @Override
    public long getLong(int i) {
      int place = places[i];
      return place < own ? row.getLong(place) : columns[place - own].getLong(at);
    }

    @Override
    public float getFloat(int i) {
      return row.getFloat(held(i));
    }

    @Override
    public double getDouble(int i) {
      int place = places[i];
      return place < own ? row.getDouble(place) : columns[place - own].getDouble(at);
    }

    @Override
    public UTF8String getUTF8String(int i) {
      int place = places[i];
      return place < own ? row.getUTF8String(place) : columns[place - own].getUTF8String(at);
    }

    @Override
    public Decimal getDecimal(int i, int precision, int scale) {
      return row.getDecimal(held(i), precision, scale);
    }

    @Override
    public byte[] getBinary(int i) {
      return row.getBinary(held(i));
    }

    @Override
    public CalendarInterval getInterval(int i) {
      return row.getInterval(held(i));
    }

    @Override
    public InternalRow getStruct(int i, int fields) {
      return row.getStruct(held(i), fields);
    }

    @Override
    public ArrayData getArray(int i) {
      return row.getArray(held(i));
    }

    @Override
    public MapData getMap(int i) {
      return row.getMap(held(i));
    }

    @Override
    public Object get(int i, DataType type) {
      int place = places[i];
      if (place < own) {
        return row.get(place, type);
      }
      throw new UnsupportedOperationException("a result is read by its own type");
    }

    private int held(int i) {
      if (places[i] >= own) {
        throw new UnsupportedOperationException("a row function gives no values of this type");
      }
      return places[i];
    }

    @Override
    public void setNullAt(int i) {
      throw new UnsupportedOperationException("held rows do not change");
    }

    @Override
    public void update(int i, Object value) {
      throw new UnsupportedOperationException("held rows do not change");
    }

    @Override
    public InternalRow copy() {
      throw new UnsupportedOperationException("Spark makes rows of its own of a scan's before it keeps any");
    }
  }
}
