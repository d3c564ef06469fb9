package io.mitune.diffusion.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * One function in TorchScript text, compiled by libtorch and callable on arrays.
 *
 * <p>DJL binds only part of libtorch; a function written here reaches every ATen op, and a call
 * that covers a whole block of a network costs one crossing into native code. The text is packed in
 * memory as the archive that {@code torch.jit.save} would write (data.pkl, constants.pkl, version,
 * code), so no Python is involved.
 *
 * <p>Gradients flow through a call when the calling thread collects them. The graph optimiser is
 * off: it specialises per shape during the first calls, which is slow and makes those calls differ
 * in the last bits from later ones.
 *
 * <p>Thread-safe; equal texts share one compiled function.
 */
public final class Script {
    private static final Map<String, Script> COMPILED = new ConcurrentHashMap<>();
    private static final ThreadLocal<Boolean> PLAIN_EXECUTOR =
            ThreadLocal.withInitial(
                    () -> {
                        JniUtils.setGraphExecutorOptimize(false);
                        return true;
                    });

    private final PtSymbolBlock function;

    private Script(PtSymbolBlock function) {
        this.function = function;
    }

    /**
     * Compiles a function.
     *
     * @param parameters as in Python: {@code "x: Tensor, w: Tensor"}
     * @param body statements, one a line, not indented; the last returns a Tensor or a tuple
     */
    public static Script of(String parameters, String returns, String body) {
        var code =
                """
                class Function(Module):
                  __parameters__ = []
                  __buffers__ = []
                  training : bool
                  def forward(self: __torch__.Function, %s) -> %s:
                %s
                """
                        .formatted(parameters, returns, body.strip().indent(4).stripTrailing());
        return COMPILED.computeIfAbsent(code, Script::compile);
    }

    /** Runs the function; the result belongs to the manager of the first argument. */
    public NDArray call(NDArray... arguments) {
        return callAll(arguments).singletonOrThrow();
    }

    /** As {@link #call(NDArray...)}. */
    public NDArray call(List<NDArray> arguments) {
        return run(new NDList(arguments)).singletonOrThrow();
    }

    /** Runs a function that returns several arrays. */
    public NDList callAll(NDArray... arguments) {
        return run(new NDList(arguments));
    }

    private NDList run(NDList arguments) {
        PLAIN_EXECUTOR.get();
        return IValueUtils.forward(function, arguments, true);
    }

    private static Script compile(String code) {
        Torch.setUp();
        try {
            var manager = (PtNDManager) NDManager.newBaseManager("PyTorch");
            var archive = new ByteArrayInputStream(archive(code));
            return new Script(JniUtils.loadModule(manager, archive, false, false));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] archive(String code) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            // pickle: the object __torch__.Function with the state {training: False}
            store(
                    zip,
                    "data.pkl",
                    "\u0080\2c__torch__\nFunction\n)\u0081}X\10\0\0\0training\u0089sb.");
            store(zip, "code/__torch__.py", code);
            store(zip, "constants.pkl", "\u0080\2).");
            store(zip, "version", "10\n");
        }
        return bytes.toByteArray();
    }

    /** Uncompressed, as libtorch's reader requires. */
    private static void store(ZipOutputStream zip, String name, String content) throws IOException {
        var data = content.getBytes(StandardCharsets.ISO_8859_1);
        var checksum = new CRC32();
        checksum.update(data);
        var entry = new ZipEntry("function/" + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(data.length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(data);
        zip.closeEntry();
    }
}
