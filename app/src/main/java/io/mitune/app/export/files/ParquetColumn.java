package io.mitune.app.export.files;

import java.util.List;

/**
 * One column of plain values, or one member of a group of them.
 *
 * @param path its name, or the group's name and its own
 * @param type what the values are
 */
public record ParquetColumn(List<String> path, Type type) {

    /** Kinds of values, with Parquet's number of the physical type. */
    public enum Type {
        BOOLEAN(0),
        INT32(1),
        INT64(2),
        DOUBLE(5),
        BINARY(6),
        STRING(6);

        private final int physical;

        Type(int physical) {
            this.physical = physical;
        }

        int physical() {
            return physical;
        }

        /** The type of a Java value. */
        public static Type of(Object value) {
            if (value instanceof Boolean) {
                return BOOLEAN;
            } else if (value instanceof Integer) {
                return INT32;
            } else if (value instanceof Long) {
                return INT64;
            } else if (value instanceof Double) {
                return DOUBLE;
            } else if (value instanceof String) {
                return STRING;
            } else if (value instanceof byte[]) {
                return BINARY;
            }
            throw new IllegalArgumentException("parquet: no column holds a " + value.getClass());
        }
    }

    public ParquetColumn {
        path = List.copyOf(path);
        if (path.isEmpty() || path.size() > 2) {
            throw new IllegalArgumentException("parquet: expected a name or two, found " + path);
        }
    }

    /** A column outside of groups. */
    public static ParquetColumn of(String name, Type type) {
        return new ParquetColumn(List.of(name), type);
    }

    /** How its schema element ends: UTF8 in the old and the new way of saying it, or nothing. */
    CompactThrift schema() {
        var element = CompactThrift.struct().i32(1, type.physical()).i32(3, ParquetFile.OPTIONAL);
        element.text(4, path.get(path.size() - 1));
        if (type == Type.STRING) {
            var string = CompactThrift.struct().struct(1, CompactThrift.struct());
            element.i32(6, 0).struct(10, string);
        }
        return element;
    }
}
