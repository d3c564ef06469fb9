package io.mitune.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

/** Calls of the registry's REST API as a client makes them. */
record RegistryCalls(String url) {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Status and body of an answer. */
    record Answer(int status, JsonNode body) {
        /** The body, or the error code when it is an error, as text. */
        String text() {
            return status == 200
                    ? body.toString()
                    : status + " " + body.path("error_code").asText();
        }
    }

    Answer call(String method, String path, String body) throws Exception {
        var request =
                HttpRequest.newBuilder(URI.create(url + path))
                        .method(method, BodyPublishers.ofString(body))
                        .build();
        var response = HTTP.send(request, BodyHandlers.ofString());
        return new Answer(response.statusCode(), JSON.readTree(response.body()));
    }

    String get(String path) throws Exception {
        return call("GET", path, "").text();
    }

    String put(String path, String body) throws Exception {
        return call("PUT", path, body).text();
    }

    String delete(String path) throws Exception {
        return call("DELETE", path, "").text();
    }

    /** Posts a schema and picks one field of the answer. */
    String post(String path, String schema, String field) throws Exception {
        String body = JSON.createObjectNode().put("schema", schema).toString();
        Answer answer = call("POST", path, body);
        return answer.status() == 200 ? answer.body().path(field).toString() : answer.text();
    }

    /** A record schema with the given fields, each "name:type" or "name:type:default". */
    static String schema(String... fields) {
        var record = JSON.createObjectNode().put("type", "record").put("name", "R");
        var array = record.putArray("fields");
        for (String field : fields) {
            String[] parts = field.split(":");
            var node = array.addObject().put("name", parts[0]).put("type", parts[1]);
            if (parts.length > 2) {
                node.put("default", parts[2]);
            }
        }
        return record.toString();
    }
}
