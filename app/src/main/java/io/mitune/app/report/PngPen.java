package io.mitune.app.report;

import io.mitune.app.cli.WholeOutput;
import io.mitune.app.report.Report.Chart;
import io.mitune.app.report.Report.Point;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * Draws a plot as a PNG for papers and slides, dark on white, at twice the size of the page's.
 * Needs no display. Belongs to one thread.
 */
final class PngPen implements Pen {
    private static final int SCALE = 2;
    private static final Color INK = new Color(0x5b6470);
    private static final Color RULE = new Color(0xd9dde2);
    private static final Color PALE = new Color(0x2f, 0x6f, 0xb3, 0x59);
    private static final Color STRONG = new Color(0x2f6fb3);
    private static final Color KEPT = new Color(0x1a7f4b);

    private final Graphics2D graphics;

    private PngPen(Graphics2D graphics) {
        this.graphics = graphics;
    }

    /** Writes the chart; false where it has no values. */
    static boolean write(Chart chart, Path file) throws IOException {
        int width = Plot.WIDTH * SCALE;
        int height = Plot.HEIGHT * SCALE;
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        var graphics = image.createGraphics();
        try {
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, width, height);
            graphics.scale(SCALE, SCALE);
            graphics.setRenderingHint(
                    RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
            if (!Plot.draw(chart, new PngPen(graphics))) {
                return false;
            }
        } finally {
            graphics.dispose();
        }
        var png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        WholeOutput.replace(file, png.toByteArray());
        return true;
    }

    @Override
    public void rule(double x1, double x2, double y) {
        graphics.setColor(RULE);
        graphics.setStroke(new BasicStroke(1));
        graphics.draw(new Line2D.Double(x1, y, x2, y));
    }

    @Override
    public void text(String text, double x, double y, Anchor anchor) {
        graphics.setColor(INK);
        var width = graphics.getFontMetrics().stringWidth(text);
        var from = -width * (anchor == Anchor.END ? 1.0 : 0.5);
        var before = graphics.getTransform();
        graphics.translate(x, y);
        if (anchor == Anchor.UPWARD) {
            graphics.rotate(-Math.PI / 2);
        }
        graphics.drawString(text, (float) from, 0f);
        graphics.setTransform(before);
    }

    @Override
    public void line(boolean thick, List<Point> pixels) {
        var path = new Path2D.Double();
        path.moveTo(pixels.get(0).x(), pixels.get(0).y());
        pixels.forEach(p -> path.lineTo(p.x(), p.y()));
        graphics.setColor(thick ? STRONG : PALE);
        graphics.setStroke(
                new BasicStroke(thick ? 2.5f : 1f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        graphics.draw(path);
    }

    @Override
    public void bar(boolean marked, double x, double y, double width, double height) {
        graphics.setColor(marked ? KEPT : PALE);
        graphics.fill(new Rectangle2D.Double(x, y, width, height));
    }
}
