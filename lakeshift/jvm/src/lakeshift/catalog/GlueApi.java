package lakeshift.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The Glue Data Catalog API of the local AWS: JSON 1.1 over HTTP, where a signature's credential is all that is looked
 * at. https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog.html
 */
final class GlueApi {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LONGEST = Duration.ofSeconds(60);

  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI endpoint;
  private final String authorization;

  GlueApi(String endpoint, String region, String accessKey) {
    this.endpoint = URI.create(endpoint + "/");
    this.authorization =
        "AWS4-HMAC-SHA256 Credential=" + accessKey + "/20000101/" + region + "/glue/aws4_request,"
            + " SignedHeaders=host;x-amz-target, Signature=local";
  }

  /** An error that the service answered: {@code code} is AWS's own, such as EntityNotFoundException. */
  static final class ServiceError extends RuntimeException {
    private static final long serialVersionUID = 1;
    final String code;

    ServiceError(String operation, String code, String text) {
      super("glue:" + operation + " failed: " + code + ": " + text);
      this.code = code;
    }
  }

  static ObjectNode input() {
    return JSON.createObjectNode();
  }

  JsonNode call(String operation, ObjectNode input) {
    HttpRequest request =
        HttpRequest.newBuilder(endpoint)
            .timeout(LONGEST)
            .header("Content-Type", "application/x-amz-json-1.1")
            .header("X-Amz-Target", "AWSGlue." + operation)
            .header("Authorization", authorization)
            .POST(HttpRequest.BodyPublishers.ofString(input.toString()))
            .build();
    try {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      JsonNode body = answer.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(answer.body());
      if (answer.statusCode() == 200) {
        return body;
      }
      String type = body.path("__type").asText("HTTP " + answer.statusCode());
      String text = body.path("message").asText(body.path("Message").asText());
      throw new ServiceError(operation, type.substring(type.lastIndexOf('#') + 1), text);
    } catch (IOException error) {
      throw new IllegalStateException("The Data Catalog at " + endpoint + " does not answer: " + error, error);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while the Data Catalog was asked.", error);
    }
  }

  /** The answer, or null where the service says that there is no such thing. */
  JsonNode find(String operation, ObjectNode input) {
    try {
      return call(operation, input);
    } catch (ServiceError error) {
      if (error.code.equals("EntityNotFoundException")) {
        return null;
      }
      throw error;
    }
  }

  /** All pages of an operation's {@code member}. */
  List<JsonNode> all(String operation, ObjectNode input, String member) {
    List<JsonNode> found = new ArrayList<>();
    String token = "";
    do {
      JsonNode page = call(operation, token.isEmpty() ? input : input.put("NextToken", token));
      page.path(member).forEach(found::add);
      token = page.path("NextToken").asText("");
    } while (!token.isEmpty());
    return found;
  }

  /** Call a batch operation; the first of its errors is raised, since the answer's status is 200 all the same. */
  void batch(String operation, ObjectNode input, String member, List<? extends JsonNode> entries, int most) {
    for (int start = 0; start < entries.size(); start += most) {
      ArrayNode part = input.putArray(member);
      entries.subList(start, Math.min(entries.size(), start + most)).forEach(part::add);
      for (JsonNode failed : call(operation, input).path("Errors")) {
        JsonNode detail = failed.path("ErrorDetail");
        throw new ServiceError(operation, detail.path("ErrorCode").asText(), detail.path("ErrorMessage").asText());
      }
    }
  }
}
