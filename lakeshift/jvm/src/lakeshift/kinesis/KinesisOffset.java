package lakeshift.kinesis;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.connector.read.streaming.Offset;

/** How far each shard is read; what the checkpoint holds. Positions as {@link KinesisApi#iterator} takes them. */
final class KinesisOffset extends Offset {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  final TreeMap<String, String> positions;

  KinesisOffset(Map<String, String> positions) {
    this.positions = new TreeMap<>(positions);
  }

  static KinesisOffset of(String json) {
    try {
      return new KinesisOffset(MAPPER.readValue(json, new TypeReference<TreeMap<String, String>>() {}));
    } catch (JsonProcessingException error) {
      throw new IllegalArgumentException("The checkpoint holds no offset of a Kinesis stream: " + json, error);
    }
  }

  @Override
  public String json() {
    try {
      return MAPPER.writeValueAsString(positions);
    } catch (JsonProcessingException error) {
      throw new IllegalStateException(error);
    }
  }
}
