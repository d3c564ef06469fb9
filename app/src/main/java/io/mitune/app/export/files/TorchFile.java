package io.mitune.app.export.files;

import io.mitune.diffusion.safetensors.Tensor;
import io.mitune.diffusion.safetensors.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * PyTorch's file of one fp32 tensor, as {@code torch.save} makes it and {@code torch.load} reads it
 * with {@code weights_only=True}: a zip with the elements and a pickle that describes them.
 *
 * <p>Stateless; the same tensor gives the same bytes.
 */
public final class TorchFile {
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private TorchFile() {}

    /** The file. */
    public static byte[] bytes(Tensor tensor) {
        if (tensor.type() != TensorType.F32) {
            throw new IllegalArgumentException("torch file: expected F32, found " + tensor.type());
        }
        var data = new byte[tensor.data().remaining()];
        tensor.data().duplicate().get(data);
        var file = new ByteArrayOutputStream(data.length + 1024);
        try (var zip = new ZipOutputStream(file)) {
            put(zip, "data.pkl", pickle(tensor));
            put(zip, "byteorder", ascii("little"));
            put(zip, "data/0", data);
            put(zip, "version", ascii("3\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not refuse
        }
        return file.toByteArray();
    }

    /** Calls _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks). */
    private static byte[] pickle(Tensor tensor) {
        var elements = tensor.data().remaining() / Float.BYTES;
        var pickle = new Pickle();
        pickle.global("torch._utils", "_rebuild_tensor_v2").op('(');
        pickle.op('(').text("storage").global("torch", "FloatStorage").text("0").text("cpu");
        pickle.integer(elements).op('t').op('Q'); // the storage is one of the zip's entries
        pickle.integer(0).tuple(tensor.shape()).tuple(strides(tensor.shape()));
        pickle.op(0x89).global("collections", "OrderedDict").op(')').op('R');
        return pickle.op('t').op('R').end();
    }

    private static List<Long> strides(List<Long> shape) {
        var strides = new Long[shape.size()];
        var stride = 1L;
        for (var i = strides.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape.get(i);
        }
        return List.of(strides);
    }

    private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        var crc = new CRC32();
        crc.update(bytes);
        var entry = new ZipEntry("archive/" + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        entry.setTimeLocal(TIME);
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The few opcodes of pickle protocol 2 that a tensor needs. */
    private static final class Pickle {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Pickle() {
            op(0x80).op(2);
        }

        Pickle op(int code) {
            out.write(code);
            return this;
        }

        Pickle global(String module, String name) {
            out.writeBytes(ascii("c" + module + "\n" + name + "\n"));
            return this;
        }

        Pickle text(String value) {
            op('X').little(value.length());
            out.writeBytes(ascii(value));
            return this;
        }

        Pickle integer(long value) {
            return op('J').little(Math.toIntExact(value));
        }

        Pickle tuple(List<Long> values) {
            op('(');
            values.forEach(this::integer);
            return op('t');
        }

        byte[] end() {
            op('.');
            return out.toByteArray();
        }

        private Pickle little(int value) {
            var bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value);
            out.writeBytes(bytes.array());
            return this;
        }
    }
}
