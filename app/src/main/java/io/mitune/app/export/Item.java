package io.mitune.app.export;

import java.util.List;
import java.util.Map;

/**
 * One row of an export: plain values and files, the same for every format.
 *
 * @param name names its files; safe on any file system
 * @param values column to String, Integer, Long, Double or Boolean, in column order
 * @param files what lies beside the values
 */
record Item(String name, Map<String, Object> values, List<File> files) {

    /**
     * Bytes of one file.
     *
     * @param column what it is, e.g. image or latents
     * @param ending of the file's name, without its dot
     */
    record File(String column, String ending, byte[] bytes) {}

    /** Bytes that it takes, about. */
    long size() {
        var size = 0L;
        for (var file : files) {
            size += file.bytes().length;
        }
        for (var value : values.values()) {
            size += value instanceof String text ? text.length() : Long.BYTES;
        }
        return size;
    }
}
