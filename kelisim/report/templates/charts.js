(function () {
  "use strict";
  var look = JSON.parse(document.getElementById("look").textContent), echarts = globalThis.echarts;
  var night = window.matchMedia ? window.matchMedia("(prefers-color-scheme:dark)") : { matches: false };
  var plots = [].slice.call(document.querySelectorAll("figure.plot")).filter(function (figure) { return figure.querySelector(".canvas"); });
  var PAPER = 640, isPaper = false, LETTER = 6.3;

  // ---- words and numbers
  function digits(most) {
    var form = new Intl.NumberFormat(look.language, { maximumSignificantDigits: most });
    return function (value) {
      return form.formatToParts(value).map(function (part) {
        return part.type === "group" ? "\u202f" : part.type === "minusSign" ? "\u2212" : part.value;
      }).join("");
    };
  }
  var short = digits(3), long = digits(6);
  var day = new Intl.DateTimeFormat(look.language, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  function clean(text) {
    return String(text).replace(/[&<>"']/g, function (sign) { return "&#" + sign.charCodeAt(0) + ";"; });
  }
  // the words of one point: its own, or the form of its series filled in
  function told(params, series, axes) {
    if (params.data && params.data.said) { return params.data.said; }
    var value = params.value, isPair = Array.isArray(value), x = isPair ? value[0] : value, y = isPair ? value[1] : value;
    if (x === null || y === null || x === undefined) { return ""; }
    if (isPair && value[2]) { x = value[2]; if (series.is_span) { return x; } } else if (isPair) { x = axes.xAxis.type === "time" ? day.format(x) : short(x); }
    return (series.tells || "{name}: {y}").replace(/\{(name|x|y)\}/g, function (_, key) {
      return key === "name" ? params.name || params.seriesName || "" : key === "x" ? x : typeof y === "number" ? short(y) : y;
    });
  }

  // ---- options as this screen wants them
  function wrapped(text, width) {
    var most = Math.max(Math.floor(width / LETTER), 8), lines = [""];
    String(text).split(" ").forEach(function (word) {
      var last = lines[lines.length - 1];
      if (last && (last + " " + word).length > most) { lines.push(word); } else { lines[lines.length - 1] = last ? last + " " + word : word; }
    });
    return lines;
  }
  // by night what is too dark on the ground becomes lighter, and white edges become the ground
  function lit(value, inks) {
    if (Array.isArray(value)) { return value.map(function (item) { return lit(item, inks); }); }
    if (value && typeof value === "object") {
      Object.keys(value).forEach(function (key) {
        if (key === "label" && value.value !== undefined) { return; }
        value[key] = lit(value[key], inks);
      });
      return value;
    }
    if (typeof value !== "string" || !/^#([0-9a-f]{6}|fff)$/i.test(value)) { return value; }
    if (value === "#fff" || value === "#ffffff") { return inks.paper; }
    var parts = [1, 3, 5].map(function (at) { return parseInt(value.substr(at, 2), 16); });
    if (parts[0] === 43 && parts[1] === 42) { return inks.ink; }
    var light = (0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]) / 255, add = Math.max(0, 0.42 - light) / (1.001 - light);
    return "#" + parts.map(function (part) { return Math.round(part + (255 - part) * add).toString(16).padStart(2, "0"); }).join("");
  }

  function axis(made, inks, width, isUp) {
    var isNames = made.type === "category", label = made.axisLabel || (made.axisLabel = {});
    made.axisLine = Object.assign({ show: !isUp || isNames, onZero: !isUp || isNames, lineStyle: { color: inks.quiet } }, made.axisLine);
    made.splitLine = made.splitLine || { show: isUp || made.type !== "time", lineStyle: { color: inks.grid } };
    made.nameTextStyle = { color: inks.soft, fontSize: 12 };
    label.color = label.color || inks.soft;
    label.hideOverlap = !isNames;
    if (made.type === "value" || made.type === "log") { label.formatter = function (value) { return long(value); }; }
    if (made.is_above) { label.width = width - 40; }
    if (isNames && !made.is_above) { label.interval = 0; label.width = isUp ? Math.min(190, width * 0.36) : undefined; label.overflow = "break"; }
    if (made.type === "time") { label.fontSize = 11; made.splitNumber = width < 480 ? 4 : 8; }
    if ((made.type === "value" || made.type === "log") && !made.interval) { made.splitNumber = width < 480 ? 3 : 5; }
    if (!made.name) { return 0; }
    var lines = wrapped(made.name, width - 60);
    made.name = lines.join("\n");
    if (isUp) {
      made.nameLocation = made.inverse ? "start" : "end";
      made.nameGap = 8;
      made.nameTextStyle.align = "left";
      made.nameTextStyle.padding = [0, 0, 0, -6];
    } else {
      made.nameLocation = "middle";
      made.nameGap = 24;
      made.nameTextStyle.verticalAlign = "top";
      made.nameTextStyle.lineHeight = 15;
    }
    return 15 * lines.length + (isUp ? 6 : 10);
  }

  function legend(option, inks, width) {
    if (!option.legend.show) { return 0; }
    var rows = 1, used = 0;
    option.legend.data.forEach(function (entry) {
      var own = 38 + LETTER * entry.name.length;
      if (used && used + own > width) { rows += 1; used = 0; }
      used += own;
    });
    Object.assign(option.legend, { itemWidth: 18, itemHeight: 10, itemGap: 10, selectedMode: true, textStyle: { color: inks.ink, fontSize: 11 }, inactiveColor: inks.quiet });
    return 8 + 22 * rows;
  }

  function ends(option, inks, width, isNight) {
    var widest = 0;
    option.series.forEach(function (one) {
      if (!one.endLabel) { return; }
      var lines = wrapped(one.end.replace(/[{}]/g, ""), LETTER * (width < 480 ? 16 : 22));
      if (lines.length > 2) { lines = [lines[0], lines.slice(1).join(" ").slice(0, 18) + "\u2026"]; }
      one.endLabel.formatter = lines.join("\n");
      one.endLabel.lineHeight = 13;
      widest = Math.max.apply(null, lines.map(function (line) { return line.length; }).concat(widest));
    });
    return widest ? 12 + LETTER * widest : 0;
  }

  function fitted(option, width, height) {
    var isNight = night.matches && !isPaper, inks = isNight ? look.night : look.day, below, top = 14;
    if (isNight) { lit(option.series, inks); if (option.xAxis) { lit(option.xAxis, inks); lit(option.yAxis, inks); } }
    option.backgroundColor = "transparent";
    option.textStyle = { fontFamily: look.font, color: inks.ink };
    option.series.forEach(function (one) {
      if (one.label && one.label.show) {
        one.label.fontSize = 11;
        if (!one.label.color || one.label.position !== "inside") { one.label.color = inks.ink; }
        one.label.formatter = function (params) { return params.data && params.data.text ? params.data.text : ""; };
        if (one.type === "bar" && one.label.position === "right") {
          one.data.forEach(function (item) { if (item.value < 0) { item.label = { position: "left" }; } });
        }
        one.labelLayout = one.type === "bar" && one.label.position === "inside" ? { hideOverlap: true } : one.labelLayout;
      }
      if (one.type === "bar" && one.label && one.label.position === "inside") {
        one.data.forEach(function (item) {
          if (item.itemStyle && item.itemStyle.decal && item.label) { Object.assign(item.label, { textBorderColor: item.itemStyle.color, textBorderWidth: 3 }); }
        });
      }
      // a narrow screen has no room for words within short parts of a bar
      if (one.type === "bar" && one.label && one.label.position === "inside" && width < 520) {
        one.data.forEach(function (item) { if (item.text) { item.text = item.text.replace(/^[^0-9\u2212]*/, ""); } });
      }
      if (one.type === "line" || one.type === "bar") { one.emphasis = { disabled: true }; }
      if (one.type === "sankey") { one.label.color = inks.ink; one.label.width = width < 520 ? 110 : 220; one.label.overflow = "truncate"; }
    });
    below = legend(option, inks, width);
    if (option.xAxis) {
      var isWide = option.yAxis.is_above || option.yAxis.type === "category";
      if (option.xAxis.type === "value" || option.xAxis.type === "log") { option.grid.right = 36; }
      if (option.series.some(function (one) { return one.type === "bar" && one.label.show && one.data.some(function (item) { return item.value < 0; }); })) {
        option.xAxis.boundaryGap = ["14%", 0];
      }
      option.grid.right = Math.max(option.grid.right, ends(option, inks, width, isNight));
      option.grid.bottom = 8 + below + axis(option.xAxis, inks, width, false);
      if (option.xAxis.type === "log") { option.yAxis.axisLine = Object.assign({ onZero: false }, option.yAxis.axisLine); }
      top += axis(option.yAxis, inks, width, true);
      option.grid.top = option.yAxis.is_above ? 22 : top;
      if (isWide && option.series.some(function (one) { return one.label && one.label.show && one.label.position === "right"; })) {
        var most = 0;
        option.series.forEach(function (one) { (one.data || []).forEach(function (item) { most = Math.max(most, item && item.text ? item.text.length : 0); }); });
        option.grid.right = Math.max(option.grid.right, 10 + LETTER * most);
      }
    }
    option.tooltip = Object.assign(option.tooltip, {
      confine: true, backgroundColor: inks.paper, borderColor: inks.quiet, textStyle: { color: inks.ink, fontSize: 12 },
      axisPointer: { type: "line", axis: option.yAxis && option.yAxis.type === "category" ? "y" : "x", label: { show: false }, lineStyle: { color: inks.quiet } },
      formatter: function (params) {
        var seen = {}, several = Array.isArray(params) && option.series.filter(function (one) { return one.name && !one.is_band; }).length > 1;
        return [].concat(params).map(function (one) {
          var series = option.series[one.seriesIndex], text;
          if (!series || series.is_floor || series.is_band || series.is_note) { return ""; }
          text = told(one, series, option);
          if (!text) { return ""; }
          text = (several && one.seriesName ? one.seriesName + ": " : "") + text;
          if (seen[text]) { return ""; }
          seen[text] = true;
          return (several ? "<span style=\"color:" + clean(one.color) + "\">\u25CF</span> " : "") + clean(text);
        }).filter(Boolean).join("<br>");
      }
    });
    return option;
  }

  // ---- drawing
  function draw(figure) {
    var canvas = figure.querySelector(".canvas"), width = isPaper ? PAPER : canvas.clientWidth;
    if (!width) { return; }
    if (figure.chart) { figure.chart.dispose(); }
    var option = JSON.parse(figure.querySelector("script").textContent), height = canvas.clientHeight || parseInt(canvas.style.height, 10);
    figure.chart = echarts.init(canvas, null, { renderer: "svg", width: width, height: height, locale: { time: look.time, legend: {}, toolbox: {}, series: { typeNames: {} }, aria: { general: {}, series: { single: {}, multiple: {} }, data: {} } } });
    figure.chart.setOption(fitted(option, width, height));
    figure.chart.getZr().flush();
    figure.width = width;
    figure.classList.add("drawn");
  }
  function need(figure) { if (!figure.chart && figure.querySelector(".canvas").clientWidth) { draw(figure); } }

  if (window.IntersectionObserver) {
    var watch = new IntersectionObserver(function (seen) {
      seen.forEach(function (item) { if (item.isIntersecting) { need(item.target); } });
    }, { rootMargin: "600px" });
    plots.forEach(function (figure) { watch.observe(figure); });
  } else {
    plots.forEach(need);
  }
  // the rest one by one while nothing else is to do
  var idle = window.requestIdleCallback || function (act) { window.setTimeout(act, 60); };
  idle(function next() {
    var left = plots.filter(function (figure) { return !figure.chart && figure.querySelector(".canvas").clientWidth; });
    if (left.length) { need(left[0]); idle(next); }
  });
  if (window.ResizeObserver) {
    var sizes = new ResizeObserver(function (seen) {
      if (isPaper) { return; }
      seen.forEach(function (item) {
        var figure = item.target.closest("figure.plot");
        if (figure.chart && item.target.clientWidth && Math.abs(item.target.clientWidth - figure.width) > 1) { draw(figure); }
      });
    });
    plots.forEach(function (figure) { sizes.observe(figure.querySelector(".canvas")); });
  }
  function again() { plots.forEach(function (figure) { if (figure.chart || isPaper) { draw(figure); } }); }
  if (night.addEventListener) { night.addEventListener("change", again); }
  // on paper every figure is drawn, by day, as wide as the page
  window.addEventListener("beforeprint", function () { isPaper = true; again(); });
  window.addEventListener("afterprint", function () { isPaper = false; again(); });

  // ---- the numbers of a figure as a table
  function cell(row, tag, text) {
    var made = document.createElement(tag);
    made.textContent = text;
    row.appendChild(made);
  }
  document.querySelectorAll("details.numbers").forEach(function (details) {
    details.addEventListener("toggle", function () {
      var place = details.querySelector(".scroll");
      if (!details.open || place.firstChild) { return; }
      var option = JSON.parse(details.closest("figure").querySelector("script").textContent), table = document.createElement("table");
      var body = document.createElement("tbody"), head = document.createElement("tr");
      [look.words.name, look.words.value].forEach(function (word) { cell(head, "th", word); });
      body.appendChild(head);
      option.series.forEach(function (series) {
        if (series.is_floor || series.is_note) { return; }
        var names = option.yAxis && option.yAxis.type === "category" ? option.yAxis.data : option.xAxis && option.xAxis.data;
        (series.links || series.data || []).forEach(function (item, at) {
          var data = item && item.value !== undefined ? item.value : item, name = names && !Array.isArray(data) ? names[at] : "", words;
          if (item === null || (Array.isArray(data) && data[0] === null) || (series.type === "bar" && !data)) { return; }
          words = told({ data: Array.isArray(item) ? null : item, value: data, name: name }, series, option);
          if (!words) { return; }
          var row = document.createElement("tr");
          cell(row, "td", series.name || "");
          cell(row, "td", words);
          body.appendChild(row);
        });
      });
      table.appendChild(body);
      place.appendChild(table);
    });
  });

  globalThis.kelisimCharts = { need: need, fitted: fitted };
}());
