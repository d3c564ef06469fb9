package io.mitune.app.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** One tab, used as a person uses it; keeps all complaints of the browser. */
public final class Page {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LOOK_NANOS = Duration.ofMillis(50).toNanos();

    private final Browser browser;
    private final String session;
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    Page(Browser browser, String session) {
        this.browser = browser;
        this.session = session;
    }

    void begin(String url, int width, int height) {
        call("Page.enable", "{}");
        call("Runtime.enable", "{}");
        call("Log.enable", "{}");
        call("Network.enable", "{}");
        call("Performance.enable", "{\"timeDomain\":\"threadTicks\"}");
        resize(width, height);
        go(url);
    }

    /** Another window size. */
    public void resize(int width, int height) {
        call(
                "Emulation.setDeviceMetricsOverride",
                "{\"width\":%d,\"height\":%d,\"deviceScaleFactor\":1,\"mobile\":%b}"
                        .formatted(width, height, width < 600));
    }

    /** To another address. */
    public void go(String url) {
        call("Page.navigate", "{\"url\":\"" + url + "\"}");
    }

    /** Light or dark, as the system would say, and less motion. */
    public void prefer(String scheme) {
        call(
                "Emulation.setEmulatedMedia",
                "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"%s\"},{\"name\":\"prefers-reduced-motion\",\"value\":\"reduce\"}]}"
                        .formatted(scheme));
    }

    /** As on paper. */
    public void printed() {
        call("Emulation.setEmulatedMedia", "{\"media\":\"print\"}");
    }

    /** The value of an expression; a promise is waited for. */
    public JsonNode value(String expression) {
        var parameters = Browser.object().put("expression", expression);
        parameters.put("returnByValue", true).put("awaitPromise", true);
        var result = browser.call(session, "Runtime.evaluate", parameters);
        if (result.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + result.get("exceptionDetails"));
        }
        return result.get("result").path("value");
    }

    /** What is to be read in the first such element. */
    public String text(String selector) {
        return value("document.querySelector(%s)?.innerText ?? ''".formatted(quoted(selector)))
                .asText();
    }

    /** Seconds of a processor that the page has used, however long it waited for one. */
    public double busy() {
        for (var metric : call("Performance.getMetrics", "{}").get("metrics")) {
            if (metric.get("name").asText().equals("TaskDuration")) {
                return metric.get("value").asDouble();
            }
        }
        throw new AssertionError("chromium: expected TaskDuration, found none");
    }

    /** How many such elements there are. */
    public int count(String selector) {
        return value("document.querySelectorAll(%s).length".formatted(quoted(selector))).asInt();
    }

    /** Waits until this is true. */
    public void await(String expression) {
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        var check = "(() => { try { return Boolean(%s); } catch { return false; } })()"; // loading
        while (!value(check.formatted(expression)).asBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "expected %s within %d s; the page says: %s; complaints: %s"
                                .formatted(
                                        expression,
                                        PATIENCE.toSeconds(),
                                        value("document.body.innerText.slice(0, 1500)").asText(),
                                        complaints));
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** A click of the mouse in the middle of the element. */
    public void click(String selector) {
        var box =
                value(
                        "(() => { const e = document.querySelector(%s); e.scrollIntoView({block:'center',behavior:'instant'}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
                                .formatted(quoted(selector)));
        for (var type : List.of("mousePressed", "mouseReleased")) {
            call(
                    "Input.dispatchMouseEvent",
                    "{\"type\":\"%s\",\"x\":%s,\"y\":%s,\"button\":\"left\",\"clickCount\":1}"
                            .formatted(type, box.get(0), box.get(1)));
        }
    }

    /** A key by its name, such as Tab, Enter, Escape, ArrowRight. */
    public void press(String key) {
        var code = List.of("Tab", "Enter", "Escape", "ArrowRight", "ArrowLeft").indexOf(key);
        int number = List.of(9, 13, 27, 39, 37).get(code);
        var text = key.equals("Enter") ? ",\"text\":\"\\r\"" : "";
        for (var type : List.of("keyDown", "keyUp")) {
            call(
                    "Input.dispatchKeyEvent",
                    "{\"type\":\"%s\",\"key\":\"%s\",\"code\":\"%s\",\"windowsVirtualKeyCode\":%d%s}"
                            .formatted(type, key, key, number, text));
        }
    }

    /** What the browser complained about: script errors, console errors, refused loads. */
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    void forgetComplaints() {
        complaints.clear();
    }

    /** A picture of what is on the screen now. */
    public void photograph(Path file) throws IOException {
        var answer = call("Page.captureScreenshot", "{\"format\":\"png\"}");
        Files.write(file, Base64.getDecoder().decode(answer.get("data").asText()));
    }

    void event(String method, JsonNode parameters) {
        switch (method) {
            case "Runtime.exceptionThrown" -> complaints.add(parameters.toString());
            case "Runtime.consoleAPICalled" -> {
                if (parameters.get("type").asText().matches("error|warning|assert")) {
                    complaints.add(parameters.get("args").toString());
                }
            }
            case "Log.entryAdded" -> {
                var entry = parameters.get("entry");
                if (entry.get("level").asText().matches("error|warning")) {
                    complaints.add(
                            entry.get("source").asText() + ": " + entry.get("text").asText());
                }
            }
            default -> {}
        }
    }

    private JsonNode call(String method, String parameters) {
        try {
            var json = new ObjectMapper().readTree(parameters);
            return browser.call(session, method, (ObjectNode) json);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String quoted(String text) {
        return TextNode.valueOf(text).toString();
    }
}
