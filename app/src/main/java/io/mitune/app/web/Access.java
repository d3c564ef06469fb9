package io.mitune.app.web;

import io.javalin.security.RouteRole;

/** Who may use a route when the server has a token; without one all may use all. */
public enum Access implements RouteRole {
    /** Whoever shows the token or a session cookie. */
    TOKEN,
    /** Anybody, without cookies: forms for people who were only sent a link. */
    PUBLIC
}
