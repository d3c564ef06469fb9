package io.mitune.diffusion.image;

import java.util.Arrays;
import java.util.List;

/**
 * Many pictures on one page: a grid with a label of up to two lines under each picture. Needs
 * neither display nor fonts. Stateless.
 */
public final class ContactSheet {
    private static final int GAP = 6;
    private static final int MARGIN = 3;
    private static final int LABEL_PADDING = 3;
    private static final int LARGE = 256; // from this width on, letters are doubled
    private static final byte INK = 0x30;
    private static final int LINES = 2;
    private static final String CUT = "...";

    private ContactSheet() {}

    /**
     * One picture of the grid.
     *
     * @param image the picture; smaller ones are centred in their cell
     * @param label a short text; what two lines do not hold is cut off
     */
    public record Cell(RgbImage image, String label) {}

    /**
     * By which whole number pictures must be reduced so that the page is one that we can read
     * again.
     *
     * @param picture one of them, all of its size
     * @param count of them
     */
    public static int reduction(RgbImage picture, int count, int columns) {
        int most = Math.min(picture.width(), picture.height());
        for (int factor = 1; factor < most; factor++) {
            int width = picture.width() / factor;
            int height = picture.height() / factor;
            if (Layout.of(width, height, count, columns, LINES).isReadable()) {
                return factor;
            }
        }
        return most;
    }

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
            for (var line : lines(cell.label(), layout.letters())) {
                page.text(line, x + MARGIN, below, layout.letterScale());
                below += layout.lineHeight();
            }
        }
        return page.image();
    }

    /** A label as at most two lines of so many letters, broken between words where it can be. */
    static List<String> lines(String label, int letters) {
        if (label.isEmpty()) {
            return List.of();
        }
        if (label.length() <= letters) {
            return List.of(label);
        }
        int space = label.lastIndexOf(' ', letters);
        int end = space > 0 ? space : letters;
        var rest = label.substring(end).strip();
        return List.of(
                label.substring(0, end), rest.length() <= letters ? rest : cut(rest, letters));
    }

    private static String cut(String text, int letters) {
        int dots = Math.min(letters, CUT.length());
        return text.substring(0, letters - dots).stripTrailing() + CUT.substring(0, dots);
    }

    /** Where things go: the largest picture's size, pictures a row, rows, and lines of labels. */
    private record Layout(int width, int height, int across, int down, int lines) {
        static Layout of(List<Cell> cells, int columns) {
            int width = cells.stream().mapToInt(c -> c.image().width()).max().orElseThrow();
            int height = cells.stream().mapToInt(c -> c.image().height()).max().orElseThrow();
            int letters = letters(width);
            int lines =
                    cells.stream()
                            .mapToInt(c -> ContactSheet.lines(c.label(), letters).size())
                            .max()
                            .orElseThrow();
            return of(width, height, cells.size(), columns, lines);
        }

        static Layout of(int width, int height, int count, int columns, int lines) {
            int across = Math.min(columns, count);
            return new Layout(width, height, across, (count + across - 1) / across, lines);
        }

        private static int letterScale(int width) {
            return width >= LARGE ? 2 : 1;
        }

        private static int letters(int width) {
            return width / (PixelFont.ADVANCE * letterScale(width));
        }

        int letters() {
            return letters(width);
        }

        int letterScale() {
            return letterScale(width);
        }

        int lineHeight() {
            return (PixelFont.HEIGHT + 1) * letterScale();
        }

        int stepX() {
            return width + 2 * MARGIN + GAP;
        }

        int stepY() {
            int label = lines * lineHeight() - letterScale() + 2 * LABEL_PADDING;
            return height + 2 * MARGIN + (lines > 0 ? label : 0) + GAP;
        }

        int pageWidth() {
            return side(GAP + (long) across * stepX());
        }

        int pageHeight() {
            return side(GAP + (long) down * stepY());
        }

        boolean isReadable() {
            long wide = GAP + (long) across * stepX();
            long high = GAP + (long) down * stepY();
            return Math.max(wide, high) <= Png.MAX_SIDE && wide * high <= Png.MAX_PIXELS;
        }

        private static int side(long pixels) {
            if (pixels > Png.MAX_SIDE) {
                throw new IllegalArgumentException(
                        "contact sheet: expected at most %d pixels a side, found %d"
                                .formatted(Png.MAX_SIDE, pixels));
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
