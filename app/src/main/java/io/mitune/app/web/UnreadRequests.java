package io.mitune.app.web;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Answers to what is refused before any route sees it, such as an address that is none: a line of
 * JSON with the headers of all other answers, in place of the server library's page. Thread-safe.
 */
final class UnreadRequests extends ErrorHandler {
    @Override
    protected void generateResponse(
            Request request,
            Response response,
            int status,
            String message,
            Throwable cause,
            Callback callback) {
        var headers = response.getHeaders();
        WebServer.HEADERS.forEach(headers::put);
        headers.put(HttpHeader.CONTENT_TYPE, Json.TYPE);
        var json = Problem.line(words(status)).json().toString();
        Content.Sink.write(response, true, json, callback);
    }

    private static String words(int status) {
        return switch (status) {
            case 400 -> "the request is not HTTP that can be read: look at its address and headers";
            case 414 -> "the address is too long";
            case 431 -> "the headers are too long";
            default -> HttpStatus.getMessage(status);
        };
    }
}
