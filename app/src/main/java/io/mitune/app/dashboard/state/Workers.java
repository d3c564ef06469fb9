package io.mitune.app.dashboard.state;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Who draws, and how fast, by what their candidates say. Not thread-safe. */
final class Workers {
    private static final int LIMIT = 500;

    private static final class Worker {
        private final Rate rate = new Rate();
        private long images;
        private long failed;
        private double seconds;
        private long lastSeen;

        ObjectNode json(String name, long nowMillis) {
            var object = Json.object().put("name", name).put("images", images);
            object.put("failed", failed).put("lastSeen", lastSeen);
            Json.put(object, "perSecond", rate.perSecond(nowMillis));
            Json.put(object, "secondsEach", seconds / images);
            Json.put(object, "deviceSeconds", seconds);
            return object;
        }
    }

    /** Those seen last are last. */
    private final Map<String, Worker> workers =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Worker> eldest) {
                    return size() > LIMIT;
                }
            };

    void drew(String name, double seconds, boolean failed, long atMillis) {
        var worker = workers.computeIfAbsent(Json.cut(name), n -> new Worker());
        worker.images++;
        worker.failed += failed ? 1 : 0;
        worker.seconds += Double.isFinite(seconds) && seconds > 0 ? seconds : 0;
        worker.lastSeen = Math.max(worker.lastSeen, atMillis);
        worker.rate.add(atMillis);
    }

    /**
     * @param remaining candidates still to come
     */
    ObjectNode json(long nowMillis, long remaining) {
        var object = Json.object().put("remaining", remaining);
        double perSecond =
                workers.values().stream().mapToDouble(w -> w.rate.perSecond(nowMillis)).sum();
        Json.put(object, "perSecond", perSecond);
        Json.put(object, "eta", perSecond > 0 ? remaining / perSecond : Double.NaN);
        var list = object.putArray("workers");
        workers.forEach((name, worker) -> list.insert(0, worker.json(name, nowMillis)));
        return object;
    }
}
