package io.mitune.diffusion.image;

import java.util.Arrays;
import java.util.List;

/**
 * Many pictures on one page: a grid with a label under each picture. Needs neither display nor
 * fonts. Stateless.
 */
public final class ContactSheet {
    private static final int GAP = 6;
    private static final int MARGIN = 3;
    private static final int LABEL_PADDING = 3;
    private static final int LARGE = 256; // from this width on, letters are doubled
    private static final byte INK = 0x30;
    private static final int MAX_SIDE = 16384;

    private ContactSheet() {}

    /**
     * One picture of the grid.
     *
     * @param image the picture; smaller ones are centred in their cell
     * @param label one short line; what does not fit is cut off
     */
    public record Cell(RgbImage image, String label) {}

    /** Draws the cells row by row. */
    public static RgbImage draw(List<Cell> cells, int columns) {
        if (cells.isEmpty() || columns < 1) {
            throw new IllegalArgumentException(
                    "contact sheet: expected pictures and columns, found %d and %d"
                            .formatted(cells.size(), columns));
        }
        var layout = Layout.of(cells, columns);
        var page = new Page(layout.pageWidth(), layout.pageHeight());
        for (int i = 0; i < cells.size(); i++) {
            var cell = cells.get(i);
            int x = GAP + i % layout.across() * layout.stepX();
            int y = GAP + i / layout.across() * layout.stepY();
            int left = x + MARGIN + (layout.width() - cell.image().width()) / 2;
            int top = y + MARGIN + (layout.height() - cell.image().height()) / 2;
            page.picture(cell.image(), left, top);
            int below = y + layout.height() + 2 * MARGIN + LABEL_PADDING;
            page.text(fitting(cell.label(), layout), x + MARGIN, below, layout.letterScale());
        }
        return page.image();
    }

    private static String fitting(String label, Layout layout) {
        int letters = layout.width() / (PixelFont.ADVANCE * layout.letterScale());
        return label.substring(0, Math.min(label.length(), letters));
    }

    /** Where things go: the largest picture's size, pictures a row, rows, and room for labels. */
    private record Layout(int width, int height, int across, int down, boolean labels) {
        static Layout of(List<Cell> cells, int columns) {
            int width = cells.stream().mapToInt(c -> c.image().width()).max().orElseThrow();
            int height = cells.stream().mapToInt(c -> c.image().height()).max().orElseThrow();
            boolean labels = cells.stream().anyMatch(c -> !c.label().isEmpty());
            int across = Math.min(columns, cells.size());
            int down = (cells.size() + across - 1) / across;
            return new Layout(width, height, across, down, labels);
        }

        int letterScale() {
            return width >= LARGE ? 2 : 1;
        }

        int stepX() {
            return width + 2 * MARGIN + GAP;
        }

        int stepY() {
            int label = labels ? PixelFont.HEIGHT * letterScale() + 2 * LABEL_PADDING : 0;
            return height + 2 * MARGIN + label + GAP;
        }

        int pageWidth() {
            return side(GAP + (long) across * stepX());
        }

        int pageHeight() {
            return side(GAP + (long) down * stepY());
        }

        private static int side(long pixels) {
            if (pixels > MAX_SIDE) {
                throw new IllegalArgumentException(
                        "contact sheet: expected at most %d pixels a side, found %d"
                                .formatted(MAX_SIDE, pixels));
            }
            return (int) pixels;
        }
    }

    /** White paper. */
    private static final class Page {
        private final int width;
        private final int height;
        private final byte[] pixels;

        Page(int width, int height) {
            this.width = width;
            this.height = height;
            pixels = new byte[Math.multiplyExact(3 * width, height)];
            Arrays.fill(pixels, (byte) 0xff);
        }

        RgbImage image() {
            return new RgbImage(width, height, pixels);
        }

        void picture(RgbImage image, int left, int top) {
            int row = 3 * image.width();
            for (int y = 0; y < image.height(); y++) {
                int to = ((top + y) * width + left) * 3;
                System.arraycopy(image.pixels(), y * row, pixels, to, row);
            }
        }

        void text(String text, int left, int top, int scale) {
            for (int x = 0; x < text.length() * PixelFont.ADVANCE * scale; x++) {
                int column = x / scale;
                char letter = text.charAt(column / PixelFont.ADVANCE);
                for (int y = 0; y < PixelFont.HEIGHT * scale; y++) {
                    if (PixelFont.ink(letter, column % PixelFont.ADVANCE, y / scale)) {
                        ink(left + x, top + y);
                    }
                }
            }
        }

        private void ink(int x, int y) {
            int at = (y * width + x) * 3;
            Arrays.fill(pixels, at, at + 3, INK);
        }
    }
}
