package io.mitune.app.grading;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Finds the 4-connected components of a mask. Stateless. */
final class Blots {
    private Blots() {}

    /** Pixel indices of each component, both in the order of the rows. */
    static List<int[]> of(boolean[] mask, int width) {
        var todo = mask.clone();
        var blots = new ArrayList<int[]>();
        for (var i = 0; i < todo.length; i++) {
            if (todo[i]) {
                blots.add(grow(todo, width, i));
            }
        }
        return blots;
    }

    private static int[] grow(boolean[] todo, int width, int seed) {
        var queue = new int[todo.length];
        var size = 0;
        queue[size++] = seed;
        todo[seed] = false;
        for (var i = 0; i < size; i++) {
            var p = queue[i];
            var x = p % width;
            int[] near = {x > 0 ? p - 1 : -1, x < width - 1 ? p + 1 : -1, p - width, p + width};
            for (var q : near) {
                if (q >= 0 && q < todo.length && todo[q]) {
                    todo[q] = false;
                    queue[size++] = q;
                }
            }
        }
        var blot = Arrays.copyOf(queue, size);
        Arrays.sort(blot);
        return blot;
    }
}
