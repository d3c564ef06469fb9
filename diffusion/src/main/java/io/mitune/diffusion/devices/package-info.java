/** One job on several devices: which they are, and what each of them holds and does. */
package io.mitune.diffusion.devices;
