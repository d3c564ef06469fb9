package io.mitune.app.grading;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How well a picture shows the scene that its caption asks for. Immutable.
 *
 * @param right everything wanted is there, nothing else is, and the relation holds
 * @param objects everything wanted is there and nothing else is
 * @param share found part of the wanted objects, 0 to 1
 * @param seen objects in the picture, wanted or not
 */
public record Grade(boolean right, boolean objects, double share, int seen) {

    /**
     * Grades one picture.
     *
     * @param rgb [64, 64, 3] bytes 0 to 255
     */
    public static Grade of(Scene scene, byte[] rgb) {
        var found = SceneDetector.detect(rgb);
        var left = new ArrayList<Scene.Item>();
        found.forEach(object -> object.item().ifPresent(left::add));
        var unreadable = found.size() - left.size();
        var hits = 0;
        for (var wanted : scene.items()) {
            hits += left.remove(wanted) ? 1 : 0;
        }
        var objects = hits == scene.items().size() && left.isEmpty() && unreadable == 0;
        var holds =
                scene.relation().isEmpty()
                        || objects && relation(scene, found) == scene.relation().get();
        var share = hits / (double) scene.items().size();
        return new Grade(objects && holds, objects, share, found.size());
    }

    private static Relation relation(Scene scene, List<DetectedObject> found) {
        var first = find(scene.items().get(0), found);
        var second = find(scene.items().get(1), found);
        return Relation.of(first.x() - second.x(), first.y() - second.y());
    }

    private static DetectedObject find(Scene.Item item, List<DetectedObject> found) {
        return found.stream()
                .filter(o -> o.item().equals(Optional.of(item)))
                .findFirst()
                .orElseThrow();
    }
}
