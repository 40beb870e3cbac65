package lakeshift.kinesis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.Serializable;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The calls of the Kinesis API that reading needs, at the local AWS. */
final class KinesisApi implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5)).build();

  /** One record; {@code arrival} in microseconds. */
  record Entry(String sequence, String key, byte[] data, long arrival) {}

  /** A page of records, where the next one begins (null: the shard has ended), and whether this was the newest. */
  record Page(List<Entry> entries, String next, boolean newest) {}

  private final String endpoint;
  private final String region;
  private final String stream;
  private final int retries;

  KinesisApi(String endpoint, String region, String stream, int retries) {
    this.endpoint = endpoint;
    this.region = region;
    this.stream = stream;
    this.retries = retries;
  }

  String stream() {
    return stream;
  }

  private JsonNode call(String operation, ObjectNode body) throws IOException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(endpoint))
        .timeout(Duration.ofSeconds(30))
        .header("Content-Type", "application/x-amz-json-1.1")
        .header("X-Amz-Target", "Kinesis_20131202." + operation)
        // The local AWS checks no signature; it tells service and region by the header.
        .header("Authorization", "AWS4-HMAC-SHA256 Credential=test/20000101/" + region
            + "/kinesis/aws4_request, SignedHeaders=host, Signature=0")
        .POST(HttpRequest.BodyPublishers.ofByteArray(MAPPER.writeValueAsBytes(body))).build();
    IOException last = null;
    for (int attempt = 0; attempt <= retries; attempt++) {
      try {
        HttpResponse<byte[]> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() == 200) {
          return MAPPER.readTree(answer.body());
        }
        String text = new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8);
        last = new IOException("Kinesis " + operation + " on stream " + stream + ": " + text);
        if (answer.statusCode() < 500 && !text.contains("ProvisionedThroughputExceeded")) {
          throw last;
        }
      } catch (java.net.ConnectException | java.net.http.HttpTimeoutException error) {
        last = new IOException("Kinesis at " + endpoint + " does not answer", error);
      } catch (InterruptedException error) {
        Thread.currentThread().interrupt();
        throw new java.io.InterruptedIOException("interrupted");
      }
      try {
        Thread.sleep(Math.min(1000L << attempt, 10_000L));
      } catch (InterruptedException error) {
        Thread.currentThread().interrupt();
        throw new java.io.InterruptedIOException("interrupted");
      }
    }
    throw last;
  }

  List<String> shards() throws IOException {
    List<String> found = new ArrayList<>();
    ObjectNode body = MAPPER.createObjectNode().put("StreamName", stream);
    JsonNode answer = call("ListShards", body);
    answer.get("Shards").forEach(shard -> found.add(shard.get("ShardId").asText()));
    while (answer.hasNonNull("NextToken")) {
      answer = call("ListShards", MAPPER.createObjectNode().put("NextToken", answer.get("NextToken").asText()));
      answer.get("Shards").forEach(shard -> found.add(shard.get("ShardId").asText()));
    }
    return found;
  }

  /** Where reading begins: after the sequence number of "S:...", at the milliseconds of "A:...", else at the oldest. */
  String iterator(String shard, String position) throws IOException {
    ObjectNode body = MAPPER.createObjectNode().put("StreamName", stream).put("ShardId", shard);
    if (position.startsWith("S:")) {
      body.put("ShardIteratorType", "AFTER_SEQUENCE_NUMBER").put("StartingSequenceNumber", position.substring(2));
    } else if (position.startsWith("A:")) {
      body.put("ShardIteratorType", "AT_TIMESTAMP").put("Timestamp", Long.parseLong(position.substring(2)) / 1000.0);
    } else {
      body.put("ShardIteratorType", "TRIM_HORIZON");
    }
    return call("GetShardIterator", body).get("ShardIterator").asText();
  }

  Page page(String iterator, int limit) throws IOException {
    JsonNode answer =
        call("GetRecords", MAPPER.createObjectNode().put("ShardIterator", iterator).put("Limit", limit));
    List<Entry> entries = new ArrayList<>();
    for (JsonNode one : answer.get("Records")) {
      long arrival = Math.round(one.path("ApproximateArrivalTimestamp").asDouble() * 1_000_000d);
      entries.add(new Entry(
          one.get("SequenceNumber").asText(), one.get("PartitionKey").asText(), one.get("Data").binaryValue(), arrival));
    }
    String next = answer.hasNonNull("NextShardIterator") ? answer.get("NextShardIterator").asText() : null;
    return new Page(entries, next, answer.path("MillisBehindLatest").asLong() == 0);
  }
}
