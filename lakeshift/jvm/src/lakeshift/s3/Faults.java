package lakeshift.s3;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Faults that the local AWS is told to inject (PUT /_lakeshift/faults), for Spark's reads and writes: what a client
 * raises once S3 has answered 503 to its second try, too. The server keeps "probability seed" in a file beside the
 * buckets; without that file nothing fails.
 */
final class Faults {
  private static final Map<String, Integer> ASKED = new ConcurrentHashMap<>();

  private Faults() {}

  /** Fails in the share of calls that was asked for: the same calls for the same seed, however threads interleave. */
  static void maybe(Path root, String operation, String bucket, String key) throws IOException {
    Path told = root.resolveSibling("faults");
    if (!told.toFile().exists()) { // each opened file asks: an exception costs more than the open itself
      return;
    }
    String[] asked;
    try {
      asked = Files.readString(told).trim().split(" ");
    } catch (NoSuchFileException error) {
      return;
    }
    String call = asked[1] + " " + operation + " " + bucket + "/" + key;
    int nth = ASKED.merge(call, 1, Integer::sum);
    SplittableRandom dice = new SplittableRandom(31L * call.hashCode() + nth);
    double share = Double.parseDouble(asked[0]);
    if (dice.nextDouble() < share && dice.nextDouble() < share) {
      throw new IOException(
          operation + " on s3://" + bucket + "/" + key + ": Please reduce your request rate. (Service: Amazon S3; "
              + "Status Code: 503; Error Code: SlowDown)");
    }
  }
}
